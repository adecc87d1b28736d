#include "store_scripts.h"

// In C for `#embed` (C23 6.10.4), as the files that browsers load (CWebFiles/files.c says why).
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char add_acknowledgement_script[] = {
#embed "../Store/Acknowledgements/AddAcknowledgementScript.lua"
};
static const unsigned char attempt_acknowledgement_script[] = {
#embed "../Store/Acknowledgements/AttemptAcknowledgementScript.lua"
};
static const unsigned char remove_acknowledgement_script[] = {
#embed "../Store/Acknowledgements/RemoveAcknowledgementScript.lua"
};
static const unsigned char take_over_acknowledgements_script[] = {
#embed "../Store/Acknowledgements/TakeOverAcknowledgementsScript.lua"
};
static const unsigned char begin_inquiry_script[] = {
#embed "../Store/Inquiries/BeginInquiryScript.lua"
};
static const unsigned char delay_due_script[] = {
#embed "../Store/Inquiries/DelayDueScript.lua"
};
static const unsigned char drop_due_script[] = {
#embed "../Store/Inquiries/DropDueScript.lua"
};
static const unsigned char enter_due_script[] = {
#embed "../Store/Inquiries/EnterDueScript.lua"
};
static const unsigned char keep_secrets_script[] = {
#embed "../Store/Inquiries/KeepSecretsScript.lua"
};
static const unsigned char registration_script[] = {
#embed "../Store/Inquiries/RegistrationScript.lua"
};
static const unsigned char settle_inquiry_script[] = {
#embed "../Store/Inquiries/SettleInquiryScript.lua"
};
static const unsigned char take_due_script[] = {
#embed "../Store/Inquiries/TakeDueScript.lua"
};
static const unsigned char describe_loops_script[] = {
#embed "../Store/Presence/DescribeLoopsScript.lua"
};
static const unsigned char disconnect_script[] = {
#embed "../Store/Presence/DisconnectScript.lua"
};
static const unsigned char heartbeat_script[] = {
#embed "../Store/Presence/HeartbeatScript.lua"
};
static const unsigned char hold_room_script[] = {
#embed "../Store/Presence/HoldRoomScript.lua"
};
static const unsigned char list_loops_script[] = {
#embed "../Store/Presence/ListLoopsScript.lua"
};
static const unsigned char list_users_script[] = {
#embed "../Store/Presence/ListUsersScript.lua"
};
static const unsigned char presence[] = {
#embed "../Store/Presence/Presence.lua"
};
static const unsigned char reap_script[] = {
#embed "../Store/Presence/ReapScript.lua"
};
static const unsigned char register_loop_script[] = {
#embed "../Store/Presence/RegisterLoopScript.lua"
};
static const unsigned char set_statuses_script[] = {
#embed "../Store/Presence/SetStatusesScript.lua"
};
static const unsigned char stored_users_script[] = {
#embed "../Store/Presence/StoredUsersScript.lua"
};
static const unsigned char tick_script[] = {
#embed "../Store/Presence/TickScript.lua"
};
static const unsigned char user_status_script[] = {
#embed "../Store/Presence/UserStatusScript.lua"
};
static const unsigned char write_counts_script[] = {
#embed "../Store/Presence/WriteCountsScript.lua"
};
static const unsigned char write_viewers_script[] = {
#embed "../Store/Presence/WriteViewersScript.lua"
};
static const unsigned char rights_script[] = {
#embed "../Store/Rights/RightsScript.lua"
};
static const unsigned char counting[] = {
#embed "../Store/Tasks/Counting.lua"
};
static const unsigned char epoch[] = {
#embed "../Store/Tasks/Epoch.lua"
};
static const unsigned char epoch_script[] = {
#embed "../Store/Tasks/EpochScript.lua"
};
static const unsigned char event_json[] = {
#embed "../Store/Tasks/EventJSON.lua"
};
static const unsigned char notification_script[] = {
#embed "../Store/Tasks/NotificationScript.lua"
};
static const unsigned char once[] = {
#embed "../Store/Tasks/Once.lua"
};
static const unsigned char publish_arguments[] = {
#embed "../Store/Tasks/PublishArguments.lua"
};
static const unsigned char publish_function[] = {
#embed "../Store/Tasks/PublishFunction.lua"
};
static const unsigned char publish_script[] = {
#embed "../Store/Tasks/PublishScript.lua"
};
static const unsigned char publishing[] = {
#embed "../Store/Tasks/Publishing.lua"
};
static const unsigned char read_script[] = {
#embed "../Store/Tasks/ReadScript.lua"
};
static const unsigned char rights[] = {
#embed "../Store/Tasks/Rights.lua"
};
static const unsigned char writers[] = {
#embed "../Store/Tasks/Writers.lua"
};
static const unsigned char keep_list_script[] = {
#embed "../Store/TaskList/KeepListScript.lua"
};
static const unsigned char list_task_script[] = {
#embed "../Store/TaskList/ListTaskScript.lua"
};
static const unsigned char task_page_script[] = {
#embed "../Store/TaskList/TaskPageScript.lua"
};
static const unsigned char unlist_task_script[] = {
#embed "../Store/TaskList/UnlistTaskScript.lua"
};

static const struct store_script scripts[] = {
    {"AddAcknowledgementScript", add_acknowledgement_script, sizeof add_acknowledgement_script},
    {"AttemptAcknowledgementScript", attempt_acknowledgement_script, sizeof attempt_acknowledgement_script},
    {"RemoveAcknowledgementScript", remove_acknowledgement_script, sizeof remove_acknowledgement_script},
    {"TakeOverAcknowledgementsScript", take_over_acknowledgements_script, sizeof take_over_acknowledgements_script},
    {"BeginInquiryScript", begin_inquiry_script, sizeof begin_inquiry_script},
    {"DelayDueScript", delay_due_script, sizeof delay_due_script},
    {"DropDueScript", drop_due_script, sizeof drop_due_script},
    {"EnterDueScript", enter_due_script, sizeof enter_due_script},
    {"KeepSecretsScript", keep_secrets_script, sizeof keep_secrets_script},
    {"RegistrationScript", registration_script, sizeof registration_script},
    {"SettleInquiryScript", settle_inquiry_script, sizeof settle_inquiry_script},
    {"TakeDueScript", take_due_script, sizeof take_due_script},
    {"DescribeLoopsScript", describe_loops_script, sizeof describe_loops_script},
    {"DisconnectScript", disconnect_script, sizeof disconnect_script},
    {"HeartbeatScript", heartbeat_script, sizeof heartbeat_script},
    {"HoldRoomScript", hold_room_script, sizeof hold_room_script},
    {"ListLoopsScript", list_loops_script, sizeof list_loops_script},
    {"ListUsersScript", list_users_script, sizeof list_users_script},
    {"Presence", presence, sizeof presence},
    {"ReapScript", reap_script, sizeof reap_script},
    {"RegisterLoopScript", register_loop_script, sizeof register_loop_script},
    {"SetStatusesScript", set_statuses_script, sizeof set_statuses_script},
    {"StoredUsersScript", stored_users_script, sizeof stored_users_script},
    {"TickScript", tick_script, sizeof tick_script},
    {"UserStatusScript", user_status_script, sizeof user_status_script},
    {"WriteCountsScript", write_counts_script, sizeof write_counts_script},
    {"WriteViewersScript", write_viewers_script, sizeof write_viewers_script},
    {"RightsScript", rights_script, sizeof rights_script},
    {"Counting", counting, sizeof counting},
    {"Epoch", epoch, sizeof epoch},
    {"EpochScript", epoch_script, sizeof epoch_script},
    {"EventJSON", event_json, sizeof event_json},
    {"NotificationScript", notification_script, sizeof notification_script},
    {"Once", once, sizeof once},
    {"PublishArguments", publish_arguments, sizeof publish_arguments},
    {"PublishFunction", publish_function, sizeof publish_function},
    {"PublishScript", publish_script, sizeof publish_script},
    {"Publishing", publishing, sizeof publishing},
    {"ReadScript", read_script, sizeof read_script},
    {"Rights", rights, sizeof rights},
    {"Writers", writers, sizeof writers},
    {"KeepListScript", keep_list_script, sizeof keep_list_script},
    {"ListTaskScript", list_task_script, sizeof list_task_script},
    {"TaskPageScript", task_page_script, sizeof task_page_script},
    {"UnlistTaskScript", unlist_task_script, sizeof unlist_task_script},
};

const struct store_script *store_script_at(size_t index) {
    return index < sizeof scripts / sizeof *scripts ? &scripts[index] : NULL;
}
