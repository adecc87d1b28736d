// HubTests
