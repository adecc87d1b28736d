package import JSON

/// Statuses, whose words differ by dialect. Unknown words pass unchanged.
package enum StatusWord: CaseIterable {
    case queued, processing, completed, failed

    /// The words that a worker may use, in upper case: those of every dialect.
    private static let spellings: [(word: StaticString, status: StatusWord)] = [
        ("RUNNING", .processing), ("PROCESSING", .processing), ("COMPLETED", .completed), ("FAILED", .failed),
        ("QUEUED", .queued),
    ]

    /// The status of `text`, compared without case.
    package init?(_ text: String) {
        var text = text
        guard let status = text.withUTF8({ Self.status($0) }) else { return nil }
        self = status
    }

    /// The status of a JSON string, with any escapes.
    package init?(_ word: JSONValue) {
        let content = word.raw.dropFirst().dropLast()
        if content.contains(UInt8(ascii: "\\")) {
            self.init(word.string ?? "")
        } else {
            guard let status = content.withUnsafeBufferPointer({ Self.status($0) }) else { return nil }
            self = status
        }
    }

    /// Several times for every event, so it takes plain bytes: over any collection it cost a third of an event.
    private static func status(_ text: UnsafeBufferPointer<UInt8>) -> StatusWord? {
        for (word, status) in spellings where word.utf8CodeUnitCount == text.count {
            if text.indices.allSatisfy({ uppercased(text[$0]) == word.utf8Start[$0] }) { return status }
        }
        return nil
    }

    private static func uppercased(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") ? byte & ~0x20 : byte
    }

    /// Whether the word says that the task has ended.
    package var isFinal: Bool { self == .completed || self == .failed }

    /// The word in jobs.
    package var inJobs: StaticString {
        switch self {
        case .queued: "QUEUED"
        case .processing: "RUNNING"
        case .completed: "COMPLETED"
        case .failed: "FAILED"
        }
    }

    /// The word in topics.
    package var inTopics: StaticString {
        switch self {
        case .queued: "queued"
        case .processing: "processing"
        case .completed: "completed"
        case .failed: "failed"
        }
    }

    /// The word in tasks, as a task's state and `taskUpdated` have it.
    package var inTasks: StaticString {
        switch self {
        case .queued: "QUEUED"
        case .processing: "PROCESSING"
        case .completed: "COMPLETED"
        case .failed: "FAILED"
        }
    }
}
