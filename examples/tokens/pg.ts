import { readFileSync } from 'node:fs'
import pg from 'pg'
import { dsqlToken, rdsToken } from 'sigv4/tokens'
import { credentials } from './credentials.ts'

// A new token for each connection of the pool.

const database = { host: 'mydb.123456789012.eu-west-1.rds.amazonaws.com', port: 5432, user: 'jane' }

export const rds = new pg.Pool({
  ...database,
  database: 'app',
  ssl: { ca: readFileSync('global-bundle.pem', 'utf8') },
  password: async () => (await rdsToken(database, { credentials })).token,
})

const host = '4iabtwpsabc.dsql.eu-west-1.on.aws'

export const dsql = new pg.Pool({
  host,
  user: 'admin',
  database: 'postgres',
  ssl: true,
  password: async () => (await dsqlToken({ host, admin: true }, { credentials })).token,
})

const { rows } = await rds.query('select current_user')
console.log(rows)
