public import Events
import Dialects

/// Registering a task before its first event: its state, its third party and when that is asked first, as one step.
///
/// The hash of ``Naming/secretKey(of:)`` has `ext` the third party's name for the task, `key` the API key, `api` its
/// address (missing: the node had no `--upstream`), `meta` whatever else was given, as a JSON object. It lives as long as the
/// task does (``SecretsScript``), whose hash says that there is one: `tp` is `asked` where the third party can be, else `kept`.
public enum RegistrationScript {
    /// The script's text. `KEYS`: channel, hash, list, secrets, due inquiries, due secrets, and where the registration is remembered
    /// by the name that was given to it, if one was. `ARGV`: `ext`, `key`, `api`, `meta`, each empty where it is missing;
    /// milliseconds until the third party is asked, empty where it never is; the channel; then what ``PublishScript`` takes.
    /// Answers as that does, or the error EXISTS.
    public static let text = "#!lua\n" + PublishScript.lua + PublishScript.once + SecretsScript.lua + textSteps

    private static let textSteps = #"""


        -- The error where what follows the first event would be refused: then that must not be published either.
        local function lack_of_rights_to_secrets(secrets, due_inquiries, due_secrets)
            for _, due in ipairs({due_inquiries, due_secrets}) do
                redis.call('ZCARD', due)  -- of another type, it is found here
                local lack = lack_of_right('ZADD', due, '0', '')
                if lack then return lack end
            end
            return lack_of_right('DEL', secrets) or lack_of_right('HSET', secrets, 'ext', '')
                or lack_of_right('PEXPIRE', secrets, '1') or lack_of_right('PTTL', KEYS[2])
        end

        local function register()
            if redis.call('EXISTS', KEYS[2]) == 1 then return redis.error_reply('EXISTS the task is known already') end
            local refused = lack_of_rights_to_secrets(KEYS[4], KEYS[5], KEYS[6])
            if refused then return refused end
            local receipt = publish_arguments(7)
            if receipt.err then return receipt end
            local fields = {}
            for index, name in ipairs({'ext', 'key', 'api', 'meta'}) do
                if ARGV[index] ~= '' then
                    fields[#fields + 1] = name
                    fields[#fields + 1] = ARGV[index]
                end
            end
            -- An earlier task of the same name may have left some.
            redis.call('DEL', KEYS[4])
            local time = redis.call('TIME')
            local now = time[1] * 1000 + math.floor(time[2] / 1000)
            if #fields > 0 then
                redis.call('HSET', KEYS[4], unpack(fields))
                redis.call('HSET', KEYS[2], 'tp', ARGV[1] ~= '' and ARGV[2] ~= '' and ARGV[3] ~= '' and 'asked' or 'kept')
                keep_secrets(KEYS[6], ARGV[6], KEYS[4], redis.call('PTTL', KEYS[2]), now)
            end
            if ARGV[5] ~= '' then
                redis.call('ZADD', KEYS[5], string.format('%d', now + ARGV[5]), ARGV[6])
            end
            return receipt
        end

        return once(KEYS[7], {ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[12]}, register)
        """#

    /// What is kept of a task beside its events.
    public struct Secrets: Sendable, Equatable {
        /// The third party's name for the task.
        public var externalID: String?
        /// What goes into the header `Authorization`.
        public var apiKey: String?
        /// The third party; nil where there is none that may be asked.
        public var endpoint: UpstreamEndpoint?
        /// Whatever else was given, as the text of a JSON object.
        public var metadata: [UInt8]?

        /// Nothing.
        public init() {}

        /// Whether there is somebody to ask, and what with.
        public var namesThirdParty: Bool { externalID != nil && apiKey != nil }
    }

    /// The keys of a call; with a name for the registration also where that is remembered.
    public static func keys(_ channel: ChannelName, naming: Naming, idempotencyKey: String? = nil) -> [String] {
        let keys = [naming.secretKey(of: channel), naming.dueInquiriesKey, naming.dueSecretsKey]
        return PublishScript.keys(channel: channel, naming: naming) + keys
            + (idempotencyKey.map { [naming.idempotencyKey($0, of: channel)] } ?? [])
    }

    /// The arguments of a call; `publishing` are those of ``PublishScript``.
    public static func arguments(
        _ channel: ChannelName, secrets: Secrets, firstInquiryMilliseconds: Int?, naming: Naming, publishing: [[UInt8]]
    ) -> [[UInt8]] {
        let texts = [secrets.externalID, secrets.apiKey, secrets.endpoint?.text].map { Array(($0 ?? "").utf8) }
        let due = firstInquiryMilliseconds.map { Array("\($0)".utf8) } ?? []
        return texts + [secrets.metadata ?? [], due, Array(naming.channel(channel.text).utf8)] + publishing
    }
}
