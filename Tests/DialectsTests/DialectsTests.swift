// DialectsTests
