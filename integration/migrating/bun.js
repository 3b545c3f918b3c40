// Presigns with Bun: reads a list of calls from standard input, and prints the results as JSON.
const calls = await Bun.stdin.json()
console.log(JSON.stringify(calls.map(({ client, key, options }) => new Bun.S3Client(client).presign(key, options))))
