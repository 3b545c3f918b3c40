import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { attempt, CREDENTIALS, printingHandler } from './requests.mjs'

const client = DynamoDBDocumentClient.from(
  new DynamoDBClient({
    credentials: CREDENTIALS,
    region: 'eu-west-1',
    requestHandler: printingHandler,
    maxAttempts: 1,
  }),
)
await attempt(() => client.send(new PutCommand({ TableName: 'tags', Item: { id: 'é', count: 1 } })))
await attempt(() =>
  client.send(
    new QueryCommand({
      TableName: 'tags',
      KeyConditionExpression: 'id = :id',
      ExpressionAttributeValues: { ':id': '😀' },
    }),
  ),
)
