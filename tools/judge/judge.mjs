// Decides requests from policy documents with iam-simulate: one line of JSON in, one line of JSON out, in order.
//
//   node judge.mjs FOLDER      FOLDER holds node_modules
//
// A line is a group of requests that share their documents:
//   {"number", "identity": [policy], "boundary": [policy] | null, "session": policy | null, "policy": policy | null,
//    "requests": [request]}
//   request: {"principal": ARN | null (anonymous), "action", "resource", "account", "context": {key: value | [value]}}
// The answer: {"number", "decisions": ["Allowed" | "ImplicitlyDenied" | "ExplicitlyDenied" | {"error": text}]},
// or {"number", "error": text}.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setFlagsFromString } from 'node:v8'

// A resource with many wildcards would keep the usual engine for patterns busy for years.
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')

const require = createRequire(join(process.argv[2], 'package.json'))
const { createValidatedPolicy, validateIdentityPolicy, validateResourcePolicy } = require('@cloud-copilot/iam-policy')
const { anonymousPrincipal, runSimulation } = require('@cloud-copilot/iam-simulate')

const DECISIONS = ['Allowed', 'ImplicitlyDenied', 'ExplicitlyDenied']
const MOST = 1000 // documents that are remembered as checked: checking one takes as long as deciding from it
const checked = new Map()

function check(validate, name, policy) {
  const key = name + JSON.stringify(policy)
  if (!checked.has(key)) {
    if (checked.size >= MOST) checked.clear()
    checked.set(key, createValidatedPolicy(policy, validate, { name }))
  }
  return checked.get(key)
}

const identities = (policies, name) =>
  policies.map((policy, number) => ({
    name: `${name}-${number}`,
    policy: check(validateIdentityPolicy, `${name}-${number}`, policy),
  }))

async function decide(documents, request) {
  const answer = await runSimulation(
    {
      ...documents,
      request: {
        principal: request.principal ?? anonymousPrincipal,
        action: request.action,
        resource: { resource: request.resource, accountId: request.account },
        contextVariables: request.context,
      },
    },
    {},
  )
  if (answer.resultType === 'error') return { error: JSON.stringify(answer.errors) }
  // Several resources at once are never asked for: which of them was decided would be unclear.
  if (answer.resultType !== 'single') return { error: `the answer is of the kind ${answer.resultType}` }
  // A key that the action does not know is left out of the decision: a condition on it would never match.
  const unknown = answer.result.ignoredContextKeys
  if (unknown.length) return { error: `the action knows no ${unknown.join(', ')}` }
  if (!DECISIONS.includes(answer.overallResult)) return { error: `the answer is ${answer.overallResult}` }
  return answer.overallResult
}

async function answer(group) {
  try {
    const documents = {
      identityPolicies: identities(group.identity, 'identity'),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(group.boundary && { permissionBoundaryPolicies: identities(group.boundary, 'boundary') }),
      ...(group.session && { sessionPolicy: check(validateIdentityPolicy, 'session', group.session) }),
      ...(group.policy && { resourcePolicy: check(validateResourcePolicy, 'policy', group.policy) }),
    }
    const decisions = []
    for (const request of group.requests) decisions.push(await decide(documents, request))
    return { decisions }
  } catch (error) {
    return { error: String(error) }
  }
}

// Only answers go to stdout.
console.log = console.info = console.debug = console.error
for await (const line of createInterface({ input: process.stdin })) {
  const group = JSON.parse(line)
  process.stdout.write(JSON.stringify({ number: group.number, ...(await answer(group)) }) + '\n')
}
