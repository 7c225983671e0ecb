using System.Net;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Guardrails;
using Gateway.Contracts.Mcp;
using Gateway.ServiceDefaults.Discovery;

namespace Gateway.McpHub.Policies;

/// <summary>Asks governance whether somebody approved a call.</summary>
internal sealed class ApprovalClient(IServiceClients clients, TimeProvider time)
{
    private static readonly TimeSpan _answer = TimeSpan.FromSeconds(5);

    /// <summary>Where a call stands; null when governance does not say.</summary>
    public async Task<ApprovalState?> AskAsync(McpApprovalAsk ask, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(_answer, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(ask, ContractsJson.Default.McpApprovalAsk)) { Headers = { ContentType = new("application/json") } };
            using var response = await clients.Get(WireNames.Governance).PostAsync(new Uri("/internal/mcp/approvals", UriKind.Relative), content, either.Token).ConfigureAwait(false);
            return response.StatusCode == HttpStatusCode.OK
                ? JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false), ContractsJson.Default.ApprovalState)
                : null;
        }
        catch (Exception fault) when (fault is HttpRequestException or JsonException || (fault is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }
}
