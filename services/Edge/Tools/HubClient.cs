using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Mcp;
using Gateway.Edge.Mcp;
using Gateway.Edge.Pipeline;
using Gateway.ServiceDefaults.Discovery;

namespace Gateway.Edge.Tools;

/// <summary>Asks the hub which tools there are for a caller, and has it call them. Lists are remembered for a moment: the hub asks its gate again at each call.</summary>
internal sealed class HubClient(IServiceClients clients, IServiceAddresses addresses, TimeProvider time)
{
    private const int MostLists = 1_000;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _fresh = TimeSpan.FromSeconds(2);

    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, (HubToolsAnswer Tools, long At)> _lists = new(StringComparer.Ordinal);

    /// <summary>The tools for a request; null when the hub does not answer.</summary>
    public async ValueTask<HubToolsAnswer?> ListAsync(RequestContext context, IReadOnlyList<string> patterns)
    {
        if (!addresses.TryResolve(WireNames.McpHub, out _))
        {
            return null;
        }

        var caller = CallerHeaders.Facts(context);
        var key = $"{caller.KeyId}\n{caller.TeamId}\n{caller.CustomerId}\n{caller.EndUser}\n{context.Model.Version}\n{string.Join(',', patterns)}";
        if (_lists.TryGetValue(key, out var known) && time.GetElapsedTime(known.At) < _fresh)
        {
            return known.Tools;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.Http.RequestAborted);
        limit.CancelAfter(_patience);
        try
        {
            var query = new HubToolsQuery { Caller = caller, Patterns = patterns };
            using var response = await clients.Get(WireNames.McpHub).PostAsJsonAsync("/internal/tools", query, ContractsJson.Default.HubToolsQuery, limit.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode || await response.Content.ReadFromJsonAsync(ContractsJson.Default.HubToolsAnswer, limit.Token).ConfigureAwait(false) is not { } tools)
            {
                return null;
            }

            if (_lists.Count >= MostLists)
            {
                _lists.Clear();
            }

            _lists[key] = (tools, time.GetTimestamp());
            return tools;
        }
        catch (Exception e) when (IsFault(e, context.Http.RequestAborted))
        {
            return null;
        }
    }

    /// <summary>Has the hub call a tool.</summary>
    /// <param name="query">The call.</param>
    /// <param name="cancellationToken">Ends it, at the tool's server too.</param>
    /// <returns>What came of it; an answer of this edge's own where the hub gave none.</returns>
    public async ValueTask<HubCallAnswer> CallAsync(HubCallQuery query, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await clients.Get(WireNames.McpHub).PostAsJsonAsync("/internal/call", query, ContractsJson.Default.HubCallQuery, cancellationToken).ConfigureAwait(false);
            if (response.IsSuccessStatusCode && await response.Content.ReadFromJsonAsync(ContractsJson.Default.HubCallAnswer, cancellationToken).ConfigureAwait(false) is { } answer)
            {
                return answer;
            }

            return new HubCallAnswer { Outcome = McpCallOutcome.Refused, Reason = "The gateway's MCP hub did not take the call." };
        }
        catch (Exception e) when (IsFault(e, cancellationToken))
        {
            // A connection that was never made has called nothing; of any other nobody knows.
            return e is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError }
                ? new HubCallAnswer { Outcome = McpCallOutcome.Refused, Reason = "The gateway's MCP hub cannot be reached at the moment; the call was not made." }
                : new HubCallAnswer { Outcome = McpCallOutcome.TimedOut, Reason = "The gateway's MCP hub broke off; the call may or may not have been made." };
        }
    }

    private static bool IsFault(Exception e, CancellationToken caller) =>
        e is HttpRequestException or IOException or JsonException || (e is OperationCanceledException && !caller.IsCancellationRequested);
}
