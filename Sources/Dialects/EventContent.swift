import JSON

/// What an event says, read once and never changed.
final class EventContent: Sendable {
    let object: JSONObject
    let body: JSONObject
    let kind: Event.Kind
    let idField: EventField?
    let isRestart: Bool
    let isTerminal: Bool
    let owner: Identifier?
    let team: Identifier?
    let timestamp: Int64?
    let failure: Failure?

    init(_ object: JSONObject, parser: JSONParser) throws(EventError) {
        fatalError("unfinished")
    }

    func value(_ field: EventField, _ kind: JSONKind) -> JSONValue? { fatalError("unfinished") }
    func string(_ field: EventField) -> String? { value(field, .string)?.string }
    var currentStage: JSONValue? { value(.currentStage, .string) ?? value(.currentStep, .string) }
}
