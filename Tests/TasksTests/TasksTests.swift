// TasksTests
