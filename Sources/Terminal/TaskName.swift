import Events

/// How tasks are named.
package enum TaskName {
    package static func expectation(_ name: String) -> String {
        "a task's id is \(Identifier.rule), got '\(name)'"
    }
}
