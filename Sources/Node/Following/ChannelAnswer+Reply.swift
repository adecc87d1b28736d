import Events
import Dialects
import RESP
import Redis
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
        known.currentStage = fields[7].bytes
        known.completedStages = fields[8].bytes
        known.updatedAt = fields[5].integer
        if fields.count >= 12 {
            owner = fields[10].string
            team = fields[11].string
        }
        if fields.count >= 14 {
            known.progress = fields[12].bytes
            known.status = fields[13].bytes
        }
        if fields.count >= 19 {
            known.message = fields[14].bytes
            known.totalSteps = fields[15].bytes
            known.timeRemaining = fields[16].bytes
            known.startedAt = fields[17].integer
            known.updatedAt = [fields[5].integer, fields[18].integer].compactMap(\.self).max()
        }
        if case .array(let envelopes) = fields[9] { entries = envelopes.compactMap(\.bytes) }
    }
}
