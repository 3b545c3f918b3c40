import { readFileSync } from 'node:fs'
import mysql from 'mysql2/promise'
import { rdsToken } from 'sigv4/tokens'
import { credentials } from './credentials.ts'

// A new token for each connection of the pool, sent by the plugin for passwords in clear text, over TLS.

const database = { host: 'mydb.123456789012.eu-west-1.rds.amazonaws.com', port: 3306, user: 'jane' }

export const pool = mysql.createPool({
  ...database,
  database: 'app',
  ssl: { ca: readFileSync('global-bundle.pem', 'utf8') },
  authPlugins: {
    mysql_clear_password: () => async () => `${(await rdsToken(database, { credentials })).token}\0`,
  },
})

const [rows] = await pool.query('select current_user()')
console.log(rows)
