"""Every event of every provider becomes the trade's word for it, with the kind of a failure and who did it."""

from __future__ import annotations

import pytest

from store.vocabulary import Actor, BounceKind, EventType
from tests.feeds.esp.payloads import (
    AT,
    BO,
    ISO,
    LINK,
    Event,
    brevo,
    brevo_marketing,
    defect,
    mailersend,
    mailgun,
    mailgun_form,
    mailjet,
    mandrill,
    postmark,
    read,
    record,
    resend,
    sendgrid,
    ses,
    ses_bounce,
    sparkpost,
)

SES = [
    (ses("Send", send={}), "sent"),
    (ses("Delivery", delivery={"recipients": [BO], "timestamp": ISO}), "delivered"),
    (ses("DeliveryDelay", deliveryDelay={"delayedRecipients": [{"emailAddress": BO}], "timestamp": ISO}), "deferred"),
    (ses_bounce("Permanent", "NoEmail"), "bounced hard userunknown"),
    (ses_bounce("Permanent", "General", status="5.1.1"), "bounced hard userunknown"),
    (ses_bounce("Permanent", "Suppressed"), "rejected hard userunknown"),
    (ses_bounce("Permanent", "OnAccountSuppressionList"), "rejected hard undefined"),
    (ses_bounce("Permanent", "UnsubscribedRecipient"), "rejected block undefined"),
    (ses_bounce("Transient", "MailboxFull"), "bounced soft mailboxfull"),
    (ses_bounce("Transient", "MessageTooLarge"), "bounced content mesgtoobig"),
    (ses_bounce("Undetermined", "Undetermined"), "bounced undetermined undefined"),
    (
        ses_bounce("Undetermined", "Undetermined", diagnosticCode="smtp; 550 5.1.1 unknown user"),
        "bounced hard userunknown",
    ),
    (ses("Complaint", complaint={"complainedRecipients": [{"emailAddress": BO}], "timestamp": ISO}), "complained"),
    (ses("Reject", reject={"reason": "Bad content"}), "rejected content"),
    (ses("Rendering Failure", failure={"templateName": "t", "errorMessage": "no name"}), "failed content"),
    (ses("Open", open={"timestamp": ISO, "userAgent": "Mail/1", "ipAddress": "203.0.113.9"}), "opened"),
    (ses("Open", open={"timestamp": ISO, "userAgent": "Mozilla/5.0", "ipAddress": "17.58.0.9"}), "opened machine"),
    (ses("Click", click={"timestamp": ISO, "link": LINK, "userAgent": "Mozilla/5.0"}), "clicked"),
    (
        ses("Subscription", subscription={"timestamp": ISO, "newTopicPreferences": {"unsubscribeAll": True}}),
        "unsubscribed",
    ),
]
SENDGRID = [
    (sendgrid("processed"), "queued"),
    (sendgrid("deferred", response="452 4.2.2 full", attempt="3"), "deferred"),
    (sendgrid("delivered", response="250 OK"), "delivered"),
    (sendgrid("bounce", type="bounce", status="5.1.1", reason="550 5.1.1 no such user"), "bounced hard userunknown"),
    (sendgrid("bounce", type="bounce", reason="no words"), "bounced hard"),
    (sendgrid("bounce", type="blocked", reason="554 5.7.1 refused"), "bounced block"),
    (sendgrid("bounce", type="expired", reason="timed out"), "bounced soft expired"),
    (sendgrid("bounce", type="blocked", bounce_classification="Invalid Address"), "bounced hard"),
    (sendgrid("bounce", type="blocked", bounce_classification="Technical"), "bounced soft"),
    (sendgrid("bounce", type="blocked", bounce_classification="Content"), "bounced content"),
    (sendgrid("bounce", type="bounce", bounce_classification="Reputation"), "bounced block"),
    (sendgrid("bounce", type="bounce", bounce_classification="Mailbox Unavailable"), "bounced soft"),
    (sendgrid("bounce", type="bounce", bounce_classification="Unclassified"), "bounced hard"),
    (sendgrid("dropped", reason="Bounced Address"), "rejected hard userunknown"),
    (sendgrid("dropped", reason="Unsubscribed Address"), "rejected block"),
    (sendgrid("open", useragent="Mozilla/5.0 (X11)"), "opened"),
    (sendgrid("open", sg_machine_open=True), "opened machine"),
    (sendgrid("open", sg_machine_open=False), "opened"),
    (sendgrid("open", useragent="Mozilla/5.0 (via ggpht.com GoogleImageProxy)"), "opened human"),
    (sendgrid("click", url=LINK), "clicked"),
    (sendgrid("spamreport"), "complained"),
    (sendgrid("unsubscribe"), "unsubscribed"),
    (sendgrid("group_unsubscribe", asm_group_id=3), "unsubscribed"),
]
STATUS = {"delivery-status": {"code": 550, "message": "5.1.1 no such user"}}
MAILGUN = [
    (mailgun("accepted"), "queued"),
    (mailgun("delivered"), "delivered"),
    (mailgun("failed", severity="temporary", reason="greylisted"), "deferred"),
    (mailgun("failed", severity="permanent", reason="bounce", **STATUS), "bounced hard userunknown"),
    (mailgun("failed", severity="permanent", reason="generic", **{"delivery-status": None}), "bounced hard"),
    (
        mailgun("failed", severity="permanent", **{"delivery-status": {"code": 552, "message": "Mailbox full"}}),
        "bounced soft mailboxfull",
    ),
    (mailgun("failed", severity="permanent", reason="old"), "bounced soft expired"),
    (
        mailgun("failed", severity="permanent", reason="suppress-bounce", **{"delivery-status": {"code": 605}}),
        "rejected hard",
    ),
    (mailgun("failed", severity="permanent", reason="suppress-unsubscribe"), "rejected block"),
    (mailgun("rejected", recipient=None, reject={"reason": "Sandbox"}), "rejected"),
    (mailgun("opened", **{"client-info": {"bot": ""}}), "opened"),
    (mailgun("opened", **{"client-info": {"bot": "apple"}}), "opened machine"),
    (mailgun("clicked", url=LINK, **{"client-info": {"bot": "generic"}}), "clicked machine"),
    (mailgun("unsubscribed"), "unsubscribed"),
    (mailgun("complained"), "complained"),
    (mailgun_form("delivered"), "delivered"),
    (mailgun_form("bounced", code="550", error="5.1.1 no such user"), "bounced hard userunknown"),
    (mailgun_form("dropped", code="605", reason="hardfail"), "rejected hard"),
    (mailgun_form("dropped", reason="old"), "bounced soft expired"),
    (mailgun_form("opened"), "opened"),
    (mailgun_form("clicked", url=LINK), "clicked"),
    (mailgun_form("complained"), "complained"),
    (mailgun_form("unsubscribed"), "unsubscribed"),
]
POSTMARK = [
    (postmark("Delivery"), "delivered"),
    (postmark("Open", UserAgent="Mail/1"), "opened"),
    (postmark("Click", OriginalLink=LINK), "clicked"),
    (postmark("SpamComplaint", Type="SpamComplaint", TypeCode=100001), "complained"),
    (postmark("SpamComplaint", TypeCode=512), "complained"),
    (postmark("Bounce", Type="HardBounce", TypeCode=1, Details="smtp;550 5.1.1 unknown"), "bounced hard userunknown"),
    (postmark("Bounce", TypeCode=1), "bounced hard"),
    (postmark("Bounce", Type="SoftBounce", TypeCode=4096, Details="smtp;452 4.2.2 full"), "bounced soft mailboxfull"),
    (postmark("Bounce", Type="VirusNotification"), "bounced content virusdetected"),
    (postmark("Bounce", Type="Unknown"), "bounced undetermined"),
    *((postmark("Bounce", Type=word), "deferred") for word in ("Transient", "DnsError", "OpenRelayTest")),
    (postmark("Bounce", Type="BadEmailAddress"), "rejected hard userunknown"),
    *((postmark("Bounce", Type=word), "rejected block") for word in ("ManuallyDeactivated", "Blocked", "DMARCPolicy")),
    *((postmark("Bounce", Type=word), "autoreplied") for word in ("AutoResponder", "ChallengeVerification")),
    (postmark("Bounce", Type="SpamNotification"), "complained"),
    (postmark("Bounce", Type="SMTPApiError"), "failed"),
    (postmark("Bounce", Type="Unsubscribe", TypeCode=16), "unsubscribed"),
    (postmark("SubscriptionChange", SuppressSending=True, SuppressionReason="ManualSuppression"), "unsubscribed"),
    (postmark("SubscriptionChange", SuppressSending=True, SuppressionReason="HardBounce"), "bounced hard"),
    (postmark("SubscriptionChange", SuppressSending=True, SuppressionReason="SpamComplaint"), "complained"),
]
PREFETCHED = {"is_prefetched": True, "is_proxy": True}
SPARKPOST = [
    (sparkpost("injection"), "queued"),
    (sparkpost("delivery"), "delivered"),
    (sparkpost("delay"), "deferred"),
    (sparkpost("bounce", bounce_class="10", raw_reason="550 5.1.1 no such user"), "bounced hard userunknown"),
    (sparkpost("bounce", bounce_class="22", error_code="452", raw_reason="452 4.2.2 full"), "bounced soft mailboxfull"),
    (sparkpost("bounce", bounce_class=51), "bounced block"),
    (sparkpost("bounce", bounce_class="1"), "bounced undetermined"),
    (sparkpost("bounce", bounce_class="60"), "autoreplied"),
    (sparkpost("out_of_band", bounce_class="30"), "bounced hard"),
    (sparkpost("out_of_band", bounce_class="90"), "unsubscribed"),
    (sparkpost("policy_rejection", raw_reason="550 5.7.1 policy"), "rejected block"),
    (sparkpost("generation_rejection", "gen"), "rejected"),
    (sparkpost("generation_failure", "gen", timestamp="2026-03-02T08:00:02.000Z"), "failed"),
    (sparkpost("spam_complaint"), "complained"),
    (sparkpost("open", "track"), "opened"),
    (sparkpost("initial_open", "track"), "opened"),
    (sparkpost("open", "track", user_agent_parsed=PREFETCHED), "opened machine"),
    (sparkpost("open", "track", user_agent_parsed={"is_prefetched": False, "is_proxy": True}), "opened"),
    (sparkpost("amp_open", "track"), "opened"),
    (sparkpost("click", "track", target_link_url=LINK), "clicked"),
    (sparkpost("list_unsubscribe", "unsubscribe"), "unsubscribed"),
    (sparkpost("link_unsubscribe", "unsubscribe"), "unsubscribed"),
]
MANDRILL = [
    (mandrill("send"), "sent"),
    (mandrill("deferral"), "deferred"),
    (mandrill("delivered"), "delivered"),
    (mandrill("hard_bounce", {"bounce_description": "bad_mailbox"}), "bounced hard userunknown"),
    (mandrill("soft_bounce", {"diag": "smtp;452 4.2.2 full"}), "bounced soft mailboxfull"),
    (mandrill("reject"), "rejected"),
    (mandrill("open", user_agent="Mail/1"), "opened"),
    (mandrill("click", url=LINK), "clicked"),
    (mandrill("spam"), "complained"),
    (mandrill("unsub"), "unsubscribed"),
]
BREVO = [
    (brevo("request"), "queued"),
    (brevo("sent"), "sent"),
    (brevo("delivered"), "delivered"),
    (brevo("deferred", reason="greylisted"), "deferred"),
    (brevo("soft_bounce", reason="452 4.2.2 mailbox full"), "bounced soft mailboxfull"),
    (brevo("hard_bounce"), "bounced hard"),
    (brevo("hardBounces"), "bounced hard"),
    (brevo("invalid_email"), "bounced hard"),
    (brevo("blocked"), "rejected block"),
    (brevo("error"), "failed"),
    (brevo("spam"), "complained"),
    (brevo("complaint"), "complained"),
    *((brevo(word), "unsubscribed") for word in ("unsubscribe", "unsubscribed", "list_unsubscribe")),
    *((brevo(word), "opened") for word in ("opened", "unique_opened", "uniqueOpened")),
    *((brevo(word), "opened machine") for word in ("proxy_open", "unique_proxy_open", "loadedByProxy")),
    (brevo("click", link=LINK), "clicked"),
    (brevo_marketing("delivered"), "delivered"),
    (brevo_marketing("soft_bounce"), "bounced soft"),
    (brevo_marketing("hard_bounce"), "bounced hard"),
    (brevo_marketing("opened"), "opened"),
    (brevo_marketing("proxy_open"), "opened machine"),
    (brevo_marketing("click", URL=LINK), "clicked"),
    (brevo_marketing("spam"), "complained"),
    (brevo_marketing("unsubscribe"), "unsubscribed"),
]
MAILJET = [
    (mailjet("sent", smtp_reply="sent (250 OK)"), "delivered"),
    (mailjet("open", agent="Mail/1"), "opened"),
    (mailjet("open", agent="Mozilla/5.0 (GoogleImageProxy)"), "opened human"),
    (mailjet("click", url=LINK), "clicked"),
    (mailjet("bounce", hard_bounce=True, error="user unknown"), "bounced hard userunknown"),
    (mailjet("bounce", hard_bounce=False, error="quota exceeded"), "bounced soft mailboxfull"),
    (mailjet("bounce", hard_bounce=False, error="greylisted"), "deferred"),
    (mailjet("bounce", hard_bounce=True, error="greylisted"), "bounced hard"),
    (mailjet("blocked", error="preblocked"), "rejected block"),
    (mailjet("blocked", error="content blocked"), "rejected content"),
    (mailjet("spam", source="JMRPP"), "complained"),
    (mailjet("unsub", agent="List-Unsubscribe"), "unsubscribed"),
]
RESEND = [
    (resend("email.scheduled"), "queued"),
    (resend("email.sent"), "sent"),
    (resend("email.delivered"), "delivered"),
    (resend("email.delivery_delayed"), "deferred"),
    (resend("email.bounced", bounce={"type": "Permanent", "subType": "General", "message": "no"}), "bounced hard"),
    (resend("email.bounced", bounce={"type": "Transient", "subType": "MailboxFull"}), "bounced soft mailboxfull"),
    (resend("email.bounced", bounce={"message": "Resend has suppressed sending to this address"}), "rejected"),
    (resend("email.suppressed"), "rejected"),
    (resend("email.complained"), "complained"),
    (resend("email.opened"), "opened"),
    (resend("email.clicked", click={"link": LINK, "userAgent": "Mozilla/5.0"}), "clicked"),
    (resend("email.failed", failed={"reason": "reached_daily_quota"}), "failed"),
]
MAILERSEND = [
    (mailersend("sent"), "sent"),
    (mailersend("delivered"), "delivered"),
    (mailersend("deferred"), "deferred"),
    (mailersend("soft_bounced", {"reason": "mailbox full"}), "bounced soft mailboxfull"),
    (mailersend("hard_bounced", {"reason": "mailbox not found"}), "bounced hard userunknown"),
    *((mailersend(word, {"ip": "203.0.113.9"}), "opened") for word in ("opened", "opened_unique")),
    *((mailersend(word, {"url": LINK}), "clicked") for word in ("clicked", "clicked_unique")),
    (mailersend("unsubscribed", {"readable_reason": "too many"}), "unsubscribed"),
    (mailersend("spam_complaint"), "complained"),
]
ALL = [*SES, *SENDGRID, *MAILGUN, *POSTMARK, *SPARKPOST, *MANDRILL, *BREVO, *MAILJET, *RESEND, *MAILERSEND]


def label(value: object) -> str:
    return value.replace(" ", "-") if isinstance(value, str) else ""


@pytest.mark.parametrize(("event", "said"), ALL, ids=label)
def test_every_event_has_its_word(event: Event, said: str) -> None:
    found = record(event)
    words = said.split()
    assert found.type is {str(word): word for word in EventType}[words[0]]
    assert abs(found.ts - AT * 1000) < 2000
    assert found.address.lower() == BO
    assert found.campaign == "spring-26"
    assert found.expired == ("expired" in words)
    assert found.actor is next((actor for actor in Actor if actor in words), Actor.UNKNOWN)
    assert found.url == (LINK if found.type is EventType.CLICKED else None)
    kind = next((kind for kind in BounceKind if kind in words), None)
    if kind is not None:
        assert found.kind is kind
    assert (found.kind is None) == (found.type not in {EventType.BOUNCED, EventType.REJECTED, EventType.FAILED})
    if kind is not None and len(words) > 2 and "expired" not in words:
        assert found.reason == words[2]


@pytest.mark.parametrize(
    "event",
    [
        ses("Complaint", complaint={"complaintFeedbackType": "not-spam", "timestamp": ISO}),
        ses("Subscription", subscription={"newTopicPreferences": {"unsubscribeAll": False}}),
        sendgrid("group_resubscribe"),
        sendgrid("account_status_change"),
        mailgun("stored"),
        postmark("SubscriptionChange", SuppressSending=False),
        postmark("Inbound"),
        postmark("Bounce", Type="Subscribe"),
        {"msys": {}},
        {"msys": {"relay_event": {"type": "relay_injection", "event_id": "1"}}},
        sparkpost("bounce", bounce_class="80"),
        {"type": "blacklist", "action": "add", "reject": {"email": BO}, "ts": AT},
        mandrill("inbound"),
        brevo("list_addition"),
        brevo_marketing("contact_deleted"),
        resend("email.received"),
        {"type": "contact.created", "created_at": ISO, "data": {"id": "c1", "email": BO}},
    ],
)
def test_what_is_no_event_of_a_sending_is_left_out_in_silence(event: Event) -> None:
    assert read(event) == []


@pytest.mark.parametrize("make", [ses, sendgrid, mailgun, postmark, sparkpost, mandrill, brevo, mailjet, mailersend])
def test_a_word_that_no_table_knows_is_a_defect(make: object) -> None:
    assert "'danced' is no known event of" in defect(make("danced"))  # type: ignore[operator]
