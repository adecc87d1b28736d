package import RESP

/// Every script that a node runs.
package enum Scripts {
    /// All of them, in the order of the folders: a node loads them whenever it connects.
    package static let all: [RedisScript] = [
        PublishScript.script, ReadScript.script, EpochScript.script, NotificationScript.script,
        AddAcknowledgementScript.script, TakeOverAcknowledgementsScript.script, AttemptAcknowledgementScript.script,
        RemoveAcknowledgementScript.script,
        RegistrationScript.script, BeginInquiryScript.script, SettleInquiryScript.script, KeepSecretsScript.script,
        TakeDueScript.script, EnterDueScript.script, DelayDueScript.script, DropDueScript.script,
        RegisterLoopScript.script, HeartbeatScript.script, TickScript.script, ReapScript.script,
        WriteCountsScript.script, StoredUsersScript.script, SetStatusesScript.script, HoldRoomScript.script,
        WriteViewersScript.script, ListUsersScript.script, UserStatusScript.script, ListLoopsScript.script,
        DescribeLoopsScript.script, DisconnectScript.script,
        KeepListScript.script, ListTaskScript.script, UnlistTaskScript.script, TaskPageScript.script,
        RightsScript.script,
    ]
}
