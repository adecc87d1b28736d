package import JSON

/// The contents of an event, read once and never changed.
package final class EventContent: Sendable {
    package let object: JSONObject
    package let body: JSONObject
    package let isWrapped: Bool
    package let kind: Event.Kind
    package let idField: EventField?
    package let isRestart: Bool
    package let isTerminal: Bool
    package let owner: Identifier?
    package let team: Identifier?
    package let timestamp: Int64?
    package let failure: Failure?
    package let videoURL: JSONValue?
    private let places: FieldPlaces

    package init(_ object: JSONObject, parser: JSONParser, isOfTask: Bool) throws(EventError) {
        guard object.bytes.count <= EventLimits.maxEventBytes else {
            throw EventError(
                .tooLarge, "An event has at most \(EventLimits.maxEventBytes) bytes, this one \(object.bytes.count).")
        }
        if let key = object.repeatedKey {
            throw EventError(.badField, "The field `\(key.cut)` of the event appears twice.")
        }
        let form = try Self.form(of: object)
        let wrapped = try Self.wrapped(in: object, form: form, parser: parser)
        let body = wrapped ?? object
        places = FieldPlaces(body)
        self.object = object
        self.body = body
        isWrapped = wrapped != nil
        kind = Self.kind(form.kind, status: places.value(.status, in: body))
        idField = form.idField
        isRestart = object["restart"]?.bool == true
        owner = isOfTask ? try Self.identifier("owner", in: object) : nil
        team = isOfTask ? try Self.identifier("team", in: object) : nil
        let time = places.value(.timestamp, in: body) ?? (isWrapped ? object["timestamp"] : nil)
        timestamp = time.flatMap(Timestamp.milliseconds)
        failure = kind == .failed ? Failure(places, in: body, parser: parser) : nil
        videoURL = Self.videoURL(places, in: body, parser: parser)
        isTerminal =
            switch kind {
            case .completed: isOfTask
            case .failed: isOfTask && form.endsOnFailure && failure?.isRetryable != true
            case .progress, .stage, .other: false
            }
        try requireStage()
    }

    /// The body's `field`.
    package func value(_ field: EventField) -> JSONValue? { places.value(field, in: body) }

    /// Whether the body's field at `place` is one of `fields`.
    package func hasOne(of fields: EventFieldSet, at place: Int) -> Bool { places.hasOne(of: fields, at: place) }

    /// The body's `field`, when it is of that kind.
    package func value(_ field: EventField, _ kind: JSONKind) -> JSONValue? {
        guard let value = value(field), value.kind == kind else { return nil }
        return value
    }

    /// The body's `field`, when it is a number that a Double holds and short enough for owners' channels. Any other
    /// counts as left out, and travels only in the event itself.
    package func number(_ field: EventField) -> JSONValue? {
        guard let number = value(field, .number), number.raw.count <= EventLimits.maxProgressBytes else {
            return nil
        }
        // Without an exponent, so few digits are always in range.
        let hasExponent = number.raw.contains { $0 | 0x20 == UInt8(ascii: "e") }
        return hasExponent && number.double == nil ? nil : number
    }

    /// The body's `field`, when it is a string.
    package func string(_ field: EventField) -> String? { value(field, .string)?.string }

    /// The body's `field`, when it is a non-empty string.
    package func word(_ field: EventField) -> JSONValue? {
        value(field, .string).flatMap { $0.raw.count > 2 ? $0 : nil }
    }

    /// The task's status. COMPLETED or FAILED in a stage event is about the stage, not the task.
    package var status: JSONValue? {
        guard let status = word(.status) else { return nil }
        let isAboutStage = kind == .stage && StatusWord(status)?.isFinal == true
        return isAboutStage ? nil : status
    }

    /// Whether the body has `field` with any value other than `null`.
    package func has(_ field: EventField) -> Bool { value(field).map { !$0.isNull } ?? false }

    /// The error text, beside or without a failure.
    package var errorText: JSONValue? { value(.error, .string) }

    /// The current stage, by either name.
    package var currentStage: JSONValue? { word(.currentStage) ?? word(.currentStep) }

    private func requireStage() throws(EventError) {
        guard kind == .stage, string(.stage)?.isEmpty != false else { return }
        throw EventError(.badField, "A stage event needs the string `stage`: the stage that is done.")
    }
}

extension EventContent {
    private static func form(of object: JSONObject) throws(EventError) -> EventForm {
        guard let type = object["type"], !type.isNull else { return EventForm(.progress) }
        guard type.kind == .string, type.raw.count > 2 else {
            throw EventError(.badType, "The field `type` must be a string that is not empty.")
        }
        return EventForm(type)
    }

    /// The object inside a client shape that holds the fields. A shape without its wrapper holds them itself: nil.
    private static func wrapped(
        in object: JSONObject, form: EventForm, parser: JSONParser
    ) throws(EventError) -> JSONObject? {
        guard let wrapper = form.wrapper, let value = object[wrapper] else { return nil }
        guard let body = value.object(parser) else {
            throw EventError(.badField, "The field `\(wrapper)` of this type must be an object.")
        }
        return body
    }

    /// A status COMPLETED or FAILED turns progress into that.
    private static func kind(_ kind: Event.Kind, status: JSONValue?) -> Event.Kind {
        guard kind == .progress, let status, status.kind == .string else { return kind }
        return switch StatusWord(status) {
        case .completed: .completed
        case .failed: .failed
        default: kind
        }
    }

    private static func identifier(_ key: StaticString, in object: JSONObject) throws(EventError) -> Identifier? {
        guard let value = object[key], !value.isNull else { return nil }
        // A user's id may be an integer, as in tokens.
        guard let identifier = Identifier(value.string ?? value.integer?.description ?? "") else {
            throw EventError(.badField, "The field `\(key)` must be an id: 1 to 128 printable ASCII characters.")
        }
        return identifier
    }

    private static func videoURL(_ places: FieldPlaces, in body: JSONObject, parser: JSONParser) -> JSONValue? {
        if let url = places.value(.videoUrl, in: body), url.kind == .string { return url }
        guard let result = places.value(.result, in: body)?.object(parser) else { return nil }
        return result["videoUrl"].flatMap { $0.kind == .string ? $0 : nil }
    }
}

/// The known fields of an object, found in one pass.
package struct FieldPlaces {
    private static let absent = UInt16.max
    private var places = InlineArray<32, UInt16>(repeating: absent)

    package init(_ object: JSONObject) {
        for (place, field) in object.fields.enumerated() {
            guard place < Int(Self.absent) else { return }
            if let known = EventField(field) { places[Int(known.rawValue)] = UInt16(place) }
        }
    }

    /// Whether the object's field at `place` is one of `fields`.
    func hasOne(of fields: EventFieldSet, at place: Int) -> Bool {
        var rest = fields.rawValue
        while rest != 0 {
            if Int(places[rest.trailingZeroBitCount]) == place { return true }
            rest &= rest - 1
        }
        return false
    }

    package func value(_ field: EventField, in object: JSONObject) -> JSONValue? {
        let place = places[Int(field.rawValue)]
        return place == Self.absent ? nil : object.fields[Int(place)].value
    }
}
