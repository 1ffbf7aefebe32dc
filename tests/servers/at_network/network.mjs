// Starts an AT Protocol network (PLC directory, PDS, AppView, Ozone), makes accounts, and says so in a file.
// usage: node network.mjs plan.json ready.json
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { TestNetwork } from '@atproto/dev-env'
import pg from 'pg'

const [planFile, readyFile] = process.argv.slice(2)
const plan = JSON.parse(readFileSync(planFile, 'utf8'))
const SCHEMA = 'clonecheck'
const database = new pg.Pool({ connectionString: process.env.DB_POSTGRES_URL, max: 2 })

// The AppView leaves searching to another service (app.bsky.unspecced.searchActorsSkeleton) that returns bare DIDs; this
// one stands in for it. Every word must occur in the handle, the name or the description, whatever its accents.
const plain = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()

async function findActors(query) {
  const words = plain(query).split(/[\s@]+/).filter(Boolean)
  if (words.length === 0) return []
  const profiles = await database.query(
    `SELECT actor.did, concat_ws(' ', actor.handle, profile."displayName", profile.description) AS shown
       FROM ${SCHEMA}.actor LEFT JOIN ${SCHEMA}.profile ON profile.creator = actor.did
      ORDER BY actor.handle`,
  )
  return profiles.rows
    .filter(({ shown }) => words.every((word) => plain(shown).includes(word)))
    .map(({ did }) => ({ did }))
}

async function answerSearch(request, response) {
  const asked = new URL(request.url, plan.urls.search).searchParams
  const start = Number(asked.get('cursor') || 0)
  const end = start + Number(asked.get('limit') || 25)
  const found = await findActors(asked.get('q') || '')
  const page = { actors: found.slice(start, end), hitsTotal: found.length }
  if (end < found.length) page.cursor = String(end)
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(page))
}

const search = createServer((request, response) => {
  answerSearch(request, response).catch((fault) => response.writeHead(500).end(String(fault)))
}).listen(plan.ports.search, '127.0.0.1')

const network = await TestNetwork.create({
  dbPostgresSchema: 'main',
  plc: { port: plan.ports.plc },
  pds: { port: plan.ports.pds, hostname: 'localhost' },
  bsky: {
    port: plan.ports.appview,
    publicUrl: plan.urls.appview,
    dbPostgresSchema: SCHEMA,
    searchUrl: plan.urls.search,
  },
  ozone: { port: plan.ports.ozone },
})

async function createAccount(person) {
  const agent = network.pds.getAgent()
  const { handle, password } = person
  await agent.createAccount({ handle, password, email: `${handle}@mail.test` })
  const profile = { displayName: person.name, description: person.bio, createdAt: new Date().toISOString() }
  if (person.picture) {
    const stored = await agent.uploadBlob(readFileSync(person.picture), { encoding: person.picture_type })
    profile.avatar = stored.data.blob
  }
  if (person.parody) {
    profile.labels = { $type: 'com.atproto.label.defs#selfLabels', values: [{ val: 'parody' }] }
  }
  await agent.app.bsky.actor.profile.create({ repo: agent.did }, profile)
  return [handle, agent.did]
}

const accounts = []
for (const person of plan.people) accounts.push(await createAccount(person))
await network.processAll()

process.on('SIGTERM', async () => {
  search.close()
  await network.close()
  await database.end()
  process.exit(0)
})
// Whoever waits for the file must never read half of it.
writeFileSync(`${readyFile}.part`, JSON.stringify({ dids: Object.fromEntries(accounts), labeler: network.ozone.ctx.cfg.service.did }))
renameSync(`${readyFile}.part`, readyFile)
