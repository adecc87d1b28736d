import Events

/// The rule for tasks' names.
package enum TaskName {
    package static func expectation(_ name: String) -> String {
        "a task's id is \(Identifier.rule), got '\(name)'"
    }
}
