// TokenTests
