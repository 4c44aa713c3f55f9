"""The path templates of 8x8's APIs and the tree that finds the one a path belongs to."""

from __future__ import annotations

from typing import Final

__all__ = ["LITERALS", "ROOT", "TEMPLATES", "Node"]

# 8x8's OpenAPI files as published on 2026-07-25, its migration guide for the Wavecell paths, and its
# getting-started page for "/api/v1/{subAccountId}/single".
TEMPLATES: Final = (
    "/api/v1/accounts/{accountId}/balance",
    "/api/v1/accounts/{accountId}/batches",
    "/api/v1/accounts/{accountId}/batches/{batchId}",
    "/api/v1/accounts/{accountId}/channels/{channelId}/flows",
    "/api/v1/accounts/{accountId}/channels/{channelId}/flows/{flowId}",
    "/api/v1/accounts/{accountId}/channels/{channelId}/flows/{flowId}/deprecate",
    "/api/v1/accounts/{accountId}/channels/{channelId}/flows/{flowId}/preview",
    "/api/v1/accounts/{accountId}/channels/{channelId}/flows/{flowId}/publish",
    "/api/v1/accounts/{accountId}/channels/{channelId}/templates",
    "/api/v1/accounts/{accountId}/channels/{channelId}/templates/{templateName}",
    "/api/v1/accounts/{accountId}/contacts",
    "/api/v1/accounts/{accountId}/contacts/batches/createContacts",
    "/api/v1/accounts/{accountId}/contacts/batches/deleteContacts",
    "/api/v1/accounts/{accountId}/contacts/blacklist/{msisdn}",
    "/api/v1/accounts/{accountId}/contacts/{contactId}",
    "/api/v1/accounts/{accountId}/definitions",
    "/api/v1/accounts/{accountId}/definitions/{definitionId}",
    "/api/v1/accounts/{accountId}/definitions/{definitionId}/workflows",
    "/api/v1/accounts/{accountId}/definitions/{definitionId}/workflows/{workflowId}",
    "/api/v1/accounts/{accountId}/definitions/{definitionId}/workflows/{workflowId}/errors",
    "/api/v1/accounts/{accountId}/groups",
    "/api/v1/accounts/{accountId}/groups/batches/copyContacts",
    "/api/v1/accounts/{accountId}/groups/batches/deleteGroups",
    "/api/v1/accounts/{accountId}/groups/batches/moveContacts",
    "/api/v1/accounts/{accountId}/groups/{groupId}",
    "/api/v1/accounts/{accountId}/groups/{groupId}/contacts",
    "/api/v1/accounts/{accountId}/prices",
    "/api/v1/accounts/{accountId}/steps/functions",
    "/api/v1/accounts/{accountId}/steps/timezones",
    "/api/v1/accounts/{accountId}/triggers/http_request",
    "/api/v1/accounts/{accountId}/usage",
    "/api/v1/accounts/{accountId}/usage/history",
    "/api/v1/accounts/{accountId}/usage/messages",
    "/api/v1/accounts/{accountId}/webhooks",
    "/api/v1/subaccounts/{subAccountId}/callflows",
    "/api/v1/subaccounts/{subAccountId}/calls",
    "/api/v1/subaccounts/{subAccountId}/events",
    "/api/v1/subaccounts/{subAccountId}/files",
    "/api/v1/subaccounts/{subAccountId}/lon",
    "/api/v1/subaccounts/{subAccountId}/lon/batch",
    "/api/v1/subaccounts/{subAccountId}/messages",
    "/api/v1/subaccounts/{subAccountId}/messages/batch",
    "/api/v1/subaccounts/{subAccountId}/messages/batch/{batchId}",
    "/api/v1/subaccounts/{subAccountId}/messages/exports",
    "/api/v1/subaccounts/{subAccountId}/messages/exports/{jobId}",
    "/api/v1/subaccounts/{subAccountId}/messages/{umid}",
    "/api/v1/subaccounts/{subAccountId}/messages/{umid}/feedback",
    "/api/v1/subaccounts/{subAccountId}/messages/{umid}/pii",
    "/api/v1/subaccounts/{subAccountId}/messages/{umid}/read",
    "/api/v1/subaccounts/{subAccountId}/numbers",
    "/api/v1/subaccounts/{subAccountId}/numbers/{number}",
    "/api/v1/subaccounts/{subAccountId}/partners/clevertap/wa",
    "/api/v1/subaccounts/{subAccountId}/phones/{phoneNumber}",
    "/api/v1/subaccounts/{subAccountId}/recording-push-config",
    "/api/v1/subaccounts/{subAccountId}/recordings/{sessionId}",
    "/api/v1/subaccounts/{subAccountId}/speech-profiles",
    "/api/v1/subaccounts/{subAccountId}/surveys/{surveyId}/messages",
    "/api/v1/subaccounts/{subAccountId}/surveys/{surveyId}/messages/batch",
    "/api/v1/subaccounts/{subAccountId}/webhooks",
    "/api/v1/subaccounts/{subAccountId}/webhooks/{webhook-type}",
    "/api/v1/whatsapp/subaccounts/{subAccountId}/channels/{channelId}/callPermissions",
    "/api/v1/whatsapp/subaccounts/{subAccountId}/channels/{channelId}/directSend/sample",
    "/api/v1/{subAccountId}/single",
    "/api/v2/subaccounts/{subAccountId}/sessions",
    "/api/v2/subaccounts/{subAccountId}/sessions/{sessionId}",
    "/api/v2/subaccounts/{subAccountId}/sma/coverage",
    "/chatapps/v1/{subAccountId}/message/many",
    "/chatapps/v1/{subAccountId}/message/read",
    "/chatapps/v1/{subAccountId}/message/single",
    "/config/v1/channels/whatsapp/{channelId}/flows",
    "/config/v1/webhook",
    "/files/{filename}",
    "/ipm/v1/{subAccountId}/message/many",
    "/ipm/v1/{subAccountId}/message/single",
    "/otp/v1/{subAccountId}/{uid}",
    "/sms/v1/{subAccountId}/many",
    "/sms/v1/{subAccountId}/many/compact",
    "/sms/v1/{subAccountId}/many/{batchId}",
    "/sms/v1/{subAccountId}/single",
    "/sms/v1/{subAccountId}/single/{umid}",
    "/verify/v2/{subAccountId}",
)


class Node:
    """One segment of the tree of templates."""

    __slots__ = ("ends", "literals", "placeholders")

    def __init__(self) -> None:
        self.literals: dict[str, Node] = {}
        self.placeholders: dict[str, Node] = {}
        self.ends = False


def _tree() -> Node:
    root = Node()
    for template in TEMPLATES:
        node = root
        for segment in template.strip("/").split("/"):
            children = node.placeholders if segment.startswith("{") else node.literals
            node = children.setdefault(segment, Node())
        node.ends = True
    return root


ROOT: Final = _tree()
LITERALS: Final = frozenset(
    segment for template in TEMPLATES for segment in template.split("/") if segment and not segment.startswith("{")
)
"""The words that may stay in a path that no template fits."""
