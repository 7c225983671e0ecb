using System.Net;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Guardrails;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Policies;
using Gateway.McpHub.Gate;
using Gateway.ServiceDefaults.Discovery;

namespace Gateway.McpHub.Guarding;

/// <summary>
/// Has an edge ask the services that rules name: it has their credentials, the routes of judges, and what a judge's call is charged to. Beside an edge that runs alone the edge stands where governance does.
/// </summary>
internal sealed class EdgeRules(IServiceClients clients, IServiceAddresses addresses, TimeProvider time)
{
    /// <summary>What each rule comes to. Where no edge answers in the policy's time, that they failed.</summary>
    /// <param name="call">The call that the texts are of.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="policy">The policy of the rules.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<IReadOnlyList<GuardRuleAnswer>> AskAsync(ToolCall call, IReadOnlyList<PendingRule> rules, IReadOnlyList<GuardText> texts, CompiledPolicy policy, CancellationToken cancellation)
    {
        if (rules.Count == 0)
        {
            return [];
        }

        var (answers, failure) = texts.Count <= GuardCheckRequest.MaxTexts ? await TryAskAsync(call, rules, texts, policy, cancellation).ConfigureAwait(false) : ([], "too many texts");
        return [.. rules.Select(r => answers.FirstOrDefault(a => a.Rule == r.Rule.Index) ?? new GuardRuleAnswer { Rule = r.Rule.Index, Failure = failure ?? "no answer" })];
    }

    private async Task<(IReadOnlyList<GuardRuleAnswer> Answers, string? Failure)> TryAskAsync(
        ToolCall call, IReadOnlyList<PendingRule> rules, IReadOnlyList<GuardText> texts, CompiledPolicy policy, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(policy.Entry.TimeoutMilliseconds), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            var edge = clients.Get(addresses.TryResolve(WireNames.Edge, out _) ? WireNames.Edge : WireNames.Governance);
            using var response = await edge.PostAsJsonAsync(WireNames.GuardRulesPath, RequestOf(call, rules, texts, policy), ContractsJson.Default.GuardRulesRequest, either.Token).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                // Governance itself knows of no such address.
                return ([], response.StatusCode == HttpStatusCode.NotFound ? "no edge" : $"status {(int)response.StatusCode}");
            }

            var answer = await response.Content.ReadFromJsonAsync(ContractsJson.Default.GuardRulesResponse, either.Token).ConfigureAwait(false);
            return (answer?.Rules ?? [], null);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return ([], "timeout");
        }
        catch (HttpRequestException)
        {
            return ([], "unreachable");
        }
        catch (JsonException)
        {
            return ([], "invalid answer");
        }
    }

    private static GuardRulesRequest RequestOf(ToolCall call, IReadOnlyList<PendingRule> rules, IReadOnlyList<GuardText> texts, CompiledPolicy policy) => new()
    {
        Policy = policy.Entry.Id,
        Fingerprint = policy.Fingerprint,
        Rules = [.. rules.Select(static r => r.Rule.Index)],
        Texts = [.. texts.Select(static t => new GuardCheckText { Text = t.Text, Place = t.Place, Source = t.Source.ToString().ToLowerInvariant(), Tool = t.Tool, IsJson = t.IsJson })],
        KeyId = call.Caller.KeyId,
        About = $"{call.Tool.Server}/{call.Tool.Name}",
        RequestId = call.Id,
    };
}
