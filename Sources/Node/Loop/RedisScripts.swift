import RESP
import Redis
import Events
import Following
import Tasks

/// Every script that a node runs, as the Redis client knows them.
enum RedisScripts {
    static let publish = RedisScript(name: "publish", text: PublishScript.text)
    static let addAcknowledgement = RedisScript(name: "ack-add", text: AcknowledgementScripts.add)
    static let takeOverAcknowledgements = RedisScript(name: "ack-take-over", text: AcknowledgementScripts.takeOver)
    static let attemptAcknowledgement = RedisScript(name: "ack-attempt", text: AcknowledgementScripts.attempt)
    static let removeAcknowledgement = RedisScript(name: "ack-remove", text: AcknowledgementScripts.remove)
    static let register = RedisScript(name: "register", text: RegistrationScript.text)
    static let takeInquiries = RedisScript(name: "inquiry-take", text: InquiryScripts.take)
    static let beginInquiry = RedisScript(name: "inquiry-begin", text: InquiryScripts.begin)
    static let settleInquiry = RedisScript(name: "inquiry-settle", text: InquiryScripts.settle)
    static let notify = RedisScript(name: "notify", text: NotificationScript.text)
    static let keepSecrets = RedisScript(name: "secrets", text: SecretsScript.text)
    static let rights = RedisScript(name: "rights", text: RightsScript.text)
    static let all =
        [
            publish, addAcknowledgement, takeOverAcknowledgements, attemptAcknowledgement,
            removeAcknowledgement, register, takeInquiries, beginInquiry, settleInquiry, keepSecrets, notify,
            rights,
        ] + ChannelScripts.all + PresenceScripts.all
}
