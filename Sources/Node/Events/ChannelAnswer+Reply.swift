import Dialects
import RedisClient
import Tasks

extension ChannelAnswer {
    /// Whether ``EpochScript`` must run before the channel can be read.
    static func needsEpoch(_ reply: RedisValue) -> Bool {
        if case .array(let fields) = reply { fields.count == 1 } else { false }
    }

    /// Reads the reply of ``ReadScript``. What is not as it should be counts as missing.
    init(_ reply: RedisValue) {
        self = .unpublished
        guard case .array(let fields) = reply, fields.count >= 10,
            let epoch = fields[0].string, let last = fields[1].integer, last >= 0
        else { return }
        top = Position(epoch: epoch, sequence: UInt64(last))
        recovered = fields[2].integer == 1
        state = fields[3].bytes
        stateIsOlder = fields[4].string == "0"
        stateMilliseconds = fields[5].integer ?? 0
        hasEnded = fields[6].bytes != nil
        currentStage = fields[7].bytes
        completedStages = fields[8].bytes
        if fields.count >= 12 {
            owner = fields[10].string
            team = fields[11].string
        }
        if fields.count >= 14 {
            progress = fields[12].bytes
            status = fields[13].bytes
        }
        if case .array(let envelopes) = fields[9] { entries = envelopes.compactMap(\.bytes) }
    }
}
