using System.Text.Json;

namespace Gateway.McpHub.MetaTools;

/// <summary>What the hub itself says in a result instead of a server: that the call was refused, or waits for an approval or for somebody to sign in. Such a call was not made.</summary>
/// <param name="ApprovalId">What is to be approved; null for anything else.</param>
internal sealed record HubSays(string? ApprovalId)
{
    private const string Approval = "gateway/approval";
    private const string Refusal = "gateway/refusal";
    private const string ConnectAt = "gateway/connectAt";

    /// <summary>Reads a result; null for one of a server.</summary>
    public static HubSays? Of(JsonElement result)
    {
        if (result.ValueKind != JsonValueKind.Object || !result.TryGetProperty("_meta", out var meta) || meta.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        return meta.TryGetProperty(Approval, out var id) && id.ValueKind == JsonValueKind.String ? new HubSays(id.GetString())
            : meta.TryGetProperty(Refusal, out _) || meta.TryGetProperty(ConnectAt, out _) ? new HubSays((string?)null)
            : null;
    }
}
