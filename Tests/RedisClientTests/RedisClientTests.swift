// RedisClientTests
