package import Events
package import RESP

/// Reads a channel for its viewers: its position, its state, and the events after a given position.
package struct ReadScript: ScriptRequest {
    package static let script = RedisScript("read", file: "ReadScript", runIDArgument: 0)
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// Stands for the current epoch, for readers that do not know it. Redis then answers with what it keeps, even where
    /// that does not reach back far enough. No epoch is spelled like it.
    package static let anyEpoch = Position.anyEpoch
    /// Everything that is kept.
    package static let all = Position(epoch: anyEpoch, sequence: 0)

    /// The answer of a channel.
    package enum Reply: Sendable, Equatable {
        /// The channel's position, state and events.
        case answer(ChannelAnswer)
        /// ``EpochScript`` must run first: another Redis wrote last, or the last number is none.
        case needsEpoch

        /// The answer; where the channel needs a new epoch, the answer of a channel without events.
        package var answer: ChannelAnswer { if case .answer(let answer) = self { answer } else { .unpublished } }
    }

    /// The reader's position.
    package struct Place: Sendable {
        let words: [String]

        /// The reader has everything up to `since`; nil where it has nothing and wants no events. It takes at most so
        /// many bytes of events. `newEpoch`: Redis answers an epoch other than that of `since` from its beginning.
        package init(since: Position?, bytes: Int, newEpoch: Bool) {
            words = [
                since?.epoch ?? "", since.map { "\($0.sequence)" } ?? "", "\(bytes)", newEpoch ? "1" : "",
            ]
        }
    }

    /// Reads `channel` from the Redis of this run id.
    package init(_ channel: ChannelName, from place: Place, runID: String, naming: Naming) {
        keys = [naming.metaKey(of: channel), naming.historyKey(of: channel)]
        arguments = [[UInt8]](words: [runID] + place.words)
    }

    /// Values of a wrong type count as missing.
    package func reply(_ value: RedisValue) -> Reply? {
        guard let fields = value.array else { return nil }
        return fields.count == 1 ? .needsEpoch : .answer(ChannelAnswer(fields))
    }
}

extension ChannelAnswer {
    fileprivate init(_ fields: [RedisValue]) {
        self = .unpublished
        guard fields.count >= 19, let epoch = fields[0].string, let last = fields[1].integer, last >= 0 else { return }
        top = Position(epoch: epoch, sequence: UInt64(last))
        recovered = fields[2].integer == 1
        state = fields[3].bytes
        stateIsOlder = fields[4].string == "0"
        stateMilliseconds = fields[5].integer ?? 0
        hasEnded = fields[6].bytes != nil
        entries = fields[9].array?.compactMap(\.bytes) ?? []
        owner = fields[10].string
        team = fields[11].string
        known.currentStage = fields[7].bytes
        known.completedStages = fields[8].bytes
        known.progress = fields[12].bytes
        known.status = fields[13].bytes
        known.message = fields[14].bytes
        known.totalSteps = fields[15].bytes
        known.timeRemaining = fields[16].bytes
        known.startedAt = fields[17].integer
        known.updatedAt = [fields[5].integer, fields[18].integer].compactMap(\.self).max()
    }
}
