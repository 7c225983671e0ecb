using System.Text.Json;

namespace Gateway.McpHub.MetaTools;

/// <summary>What the hub itself says in a result instead of a server: that the call was refused, or waits for approval. Such a call was not made.</summary>
/// <param name="ApprovalId">What is to be approved; null for a refusal.</param>
internal sealed record HubSays(string? ApprovalId)
{
    private const string Approval = "gateway/approval";
    private const string Refusal = "gateway/refusal";

    /// <summary>Reads a result; null for one of a server.</summary>
    public static HubSays? Of(JsonElement result)
    {
        if (result.ValueKind != JsonValueKind.Object || !result.TryGetProperty("_meta", out var meta) || meta.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        return meta.TryGetProperty(Approval, out var id) && id.ValueKind == JsonValueKind.String ? new HubSays(id.GetString())
            : meta.TryGetProperty(Refusal, out _) ? new HubSays((string?)null)
            : null;
    }
}
