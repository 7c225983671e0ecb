using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Guardrails;
using Gateway.Contracts.Mcp;
using Gateway.McpHub.Gate;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Policies;

/// <summary>
/// Gets a call approved: by whoever calls, where the rule leaves it to him and his client can ask a person; else by governance, where it waits until somebody decides.
/// </summary>
internal sealed class CallApproval(ApprovalClient client, TimeProvider time)
{
    private const int MostShown = 8_000;
    private static readonly TimeSpan _person = TimeSpan.FromMinutes(5);

    /// <summary>Asks.</summary>
    /// <param name="call">The call.</param>
    /// <param name="fingerprint">The tool's fingerprint: an approval is for this definition of it.</param>
    /// <param name="by">Who may approve.</param>
    /// <param name="reason">Why it needs it.</param>
    /// <param name="team">The caller's team.</param>
    /// <param name="shown">The arguments as whoever approves may see them.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Null when the call may go; else what becomes of it.</returns>
    public async ValueTask<CallVerdict?> AskAsync(ToolCall call, string fingerprint, McpApproval by, string reason, string team, string shown, CancellationToken cancellation)
    {
        if (by == McpApproval.Caller && CanElicit(call.Peer) && await ElicitAsync(call, reason, cancellation).ConfigureAwait(false) is { } decided)
        {
            return decided ? null : new CallVerdict.Refused(RefusalKind.Forbidden, "Whoever uses this client did not approve the call.");
        }

        var ask = new McpApprovalAsk
        {
            Digest = Digest(call, fingerprint, by),
            KeyId = call.Caller.KeyId,
            TeamId = team,
            ServerId = call.Tool.Server,
            Tool = call.Tool.Name,
            Reason = reason,
            Arguments = shown.Length <= MostShown ? shown : shown[..MostShown],
            Use = true,
            By = by,
        };
        return await client.AskAsync(ask, cancellation).ConfigureAwait(false) switch
        {
            { Status: ApprovalStatus.Approved } => null,
            { Status: ApprovalStatus.Denied } => new CallVerdict.Refused(RefusalKind.Forbidden, "The call was looked at and not approved. Do not make it again."),
            { } state => new CallVerdict.Pending(
                state.Id,
                $"{reason} The call waits for approval ({state.Id}): {(by == McpApproval.Caller ? "whoever holds the key, or an administrator of the gateway," : "an administrator of the gateway")} approves it. Make the same call again afterwards."),
            null => new CallVerdict.Refused(RefusalKind.Forbidden, $"{reason} It needs approval, and nobody can be asked at the moment. Try again later.") { RetryAfter = TimeSpan.FromSeconds(10) },
        };
    }

    // The same call of the same key, of the same definition of the tool, for the same kind of approver; in whatever session it is made again.
    private static string Digest(ToolCall call, string fingerprint, McpApproval by)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in (string[])["mcp-call-1", call.Caller.KeyId, call.Caller.EndUser ?? "", call.Tool.Server, call.Tool.Name, fingerprint, by.ToString()])
        {
            hash.AppendData(Encoding.UTF8.GetBytes(part));
            hash.AppendData([0]);
        }

        hash.AppendData(call.Arguments.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static bool CanElicit(IClientPeer peer) => JsonBytes.TryGet(peer.Capabilities.Span, "elicitation"u8, out var capability) && JsonBytes.IsObject(capability);

    // Null when the client could not ask: then governance is.
    private async ValueTask<bool?> ElicitAsync(ToolCall call, string reason, CancellationToken cancellation)
    {
        var arguments = Encoding.UTF8.GetString(call.Arguments.Span);
        var message = $"{reason} Tool: {call.Tool.Server}/{call.Tool.Name}. Arguments: {(arguments.Length <= 2_000 ? arguments : arguments[..2_000] + "…")}";
        var question = JsonBytes.Utf8(
            "{\"message\":" + Encoding.UTF8.GetString(JsonBytes.Text(message))
            + ""","requestedSchema":{"type":"object","properties":{"approve":{"type":"boolean","title":"Approve this call"}},"required":["approve"]}}""");
        using var limit = new CancellationTokenSource(_person, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            var reply = await call.Peer.AskAsync("elicitation/create", question, either.Token).ConfigureAwait(false);
            if (!reply.IsResult)
            {
                return null;
            }

            var answer = JsonElement.Parse(reply.Json.Span);
            return answer.TryGetProperty("action", out var action) && action.ValueKind == JsonValueKind.String && action.ValueEquals("accept")
                && answer.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Object
                && content.TryGetProperty("approve", out var approve) && approve.ValueKind == JsonValueKind.True;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Nobody decided in time.
            return false;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
