package import JSON

/// The fields of an event that Fantail reads; all others are only passed on.
package enum EventField: UInt8, CaseIterable {
    case type, timestamp
    case jobId, videoId, entityType, entityId
    case sequence, epoch, snapshot, missed
    case status, progress, currentStep, currentStage, completedStages
    case stage, nextStage
    case error, errorMessage, message
    case totalSteps, estimatedTimeRemaining
    case result, videoUrl

    package var name: StaticString {
        switch self {
        case .type: "type"
        case .timestamp: "timestamp"
        case .jobId: "jobId"
        case .videoId: "videoId"
        case .entityType: "entityType"
        case .entityId: "entityId"
        case .sequence: "sequence"
        case .epoch: "epoch"
        case .snapshot: "snapshot"
        case .missed: "missed"
        case .status: "status"
        case .progress: "progress"
        case .currentStep: "currentStep"
        case .currentStage: "currentStage"
        case .completedStages: "completedStages"
        case .stage: "stage"
        case .nextStage: "nextStage"
        case .error: "error"
        case .errorMessage: "errorMessage"
        case .message: "message"
        case .totalSteps: "totalSteps"
        case .estimatedTimeRemaining: "estimatedTimeRemaining"
        case .result: "result"
        case .videoUrl: "videoUrl"
        }
    }

    /// The fields by the length of their names: length and first byte identify most keys.
    private static let byLength: [[EventField]] = {
        let longest = allCases.map(\.name.utf8CodeUnitCount).max() ?? 0
        return (0...longest).map { length in allCases.filter { $0.name.utf8CodeUnitCount == length } }
    }()

    /// The known field named `field`; nil for those that are only passed on.
    package init?(_ field: JSONField) {
        let candidates: [EventField]
        if field.keyHasEscapes {
            candidates = Self.allCases
        } else {
            let length = field.keyLength
            guard length < Self.byLength.count else { return nil }
            candidates = Self.byLength[length]
        }
        guard let match = candidates.first(where: { field.hasKey($0.name) }) else { return nil }
        self = match
    }
}

/// A set of fields.
///
/// Every event that a dialect writes makes some; so they are made where they stand, and not by a call into this room.
package struct EventFieldSet: OptionSet {
    package var rawValue: UInt32

    @inlinable
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// No field.
    @inlinable
    package static var none: EventFieldSet { EventFieldSet(rawValue: 0) }

    @inlinable
    package init(_ field: EventField) { rawValue = 1 << UInt32(field.rawValue) }

    /// All of `fields`.
    @inlinable
    package init(_ first: EventField, _ second: EventField, _ others: EventField...) {
        rawValue = others.reduce(1 << UInt32(first.rawValue) | 1 << UInt32(second.rawValue)) {
            $0 | 1 << UInt32($1.rawValue)
        }
    }

    @inlinable
    package func contains(_ field: EventField) -> Bool { rawValue & 1 << UInt32(field.rawValue) != 0 }

    @inlinable
    package func union(_ other: EventFieldSet) -> EventFieldSet { EventFieldSet(rawValue: rawValue | other.rawValue) }

    @inlinable
    package mutating func formUnion(_ other: EventFieldSet) { rawValue |= other.rawValue }
}
