using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Guardrails;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Policies;
using Gateway.ServiceDefaults.Discovery;
using Microsoft.Extensions.Logging;

namespace Gateway.Guardrails.Client;

/// <summary>
/// Has policies checked by the guardrail service. Where it gives no verdict, the same engine in this process does: it gives the same one. Policies are named by reference, and sent when the
/// service does not know them (any more).
/// </summary>
internal sealed partial class GuardService(IServiceClients clients, TimeProvider time, ILogger<GuardService> logger, Counter<long> calls)
{
    private const int MostKnown = 500;

    // After a failure the service is left alone for a while, so that requests do not wait for it one by one.
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<CompiledPolicy, string> _references = new(ReferenceEqualityComparer.Instance);

    private long _askAgainAt;

    /// <summary>Whether a policy is for the service: stand-ins are made where their vault is, and rules that ask others are asked from where their credentials are.</summary>
    public static bool Takes(CompiledPolicy policy) =>
        !policy.Entry.Inline && !policy.AsksOthers && !policy.Rules.Any(static r => r.Entry.Action is GuardrailAction.Pseudonymize or GuardrailAction.Hash);

    /// <summary>Asks for a verdict; null when there is none in the policy's time.</summary>
    public async ValueTask<GuardOutcome?> TryCheckAsync(IReadOnlyList<GuardText> texts, CompiledPolicy policy, GuardContext with, CancellationToken cancellationToken)
    {
        if (texts.Count > GuardCheckRequest.MaxTexts || time.GetTimestamp() < Volatile.Read(ref _askAgainAt))
        {
            return null;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(policy.Entry.TimeoutMilliseconds);
        try
        {
            var reference = _references.TryGetValue(policy, out var known) ? known : await RegisterAsync(policy, limit.Token).ConfigureAwait(false);
            var request = RequestOf(texts, reference, with);
            var answer = await CheckAsync(request, limit.Token).ConfigureAwait(false);
            if (answer is null)
            {
                // It has forgotten the policy: it was started anew, or has seen many others since.
                answer = await CheckAsync(request with { Policies = [await RegisterAsync(policy, limit.Token).ConfigureAwait(false)] }, limit.Token).ConfigureAwait(false);
            }

            if (answer is not null)
            {
                calls.Add(1, new KeyValuePair<string, object?>("result", "verdict"));
                return OutcomeOf(answer, texts);
            }
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            Volatile.Write(ref _askAgainAt, time.GetTimestamp() + (long)(_pause.TotalSeconds * time.TimestampFrequency));
            LogNoVerdict(e.Message);
        }

        calls.Add(1, new KeyValuePair<string, object?>("result", "none"));
        return null;
    }

    private async ValueTask<string> RegisterAsync(CompiledPolicy policy, CancellationToken cancellationToken)
    {
        var request = new GuardPoliciesRequest { Policies = [policy.Entry] };
        using var response = await clients.Get(WireNames.Guardrails).PostAsJsonAsync("/v1/policies", request, ContractsJson.Default.GuardPoliciesRequest, cancellationToken).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync(ContractsJson.Default.GuardPoliciesResponse, cancellationToken).ConfigureAwait(false);
        var reference = answer is { Policies: [var only] } ? only.Reference : throw new JsonException("No reference came.");
        if (_references.Count >= MostKnown)
        {
            _references.Clear();
        }

        _references[policy] = reference;
        return reference;
    }

    private async ValueTask<GuardCheckResponse?> CheckAsync(GuardCheckRequest request, CancellationToken cancellationToken)
    {
        using var response = await clients.Get(WireNames.Guardrails).PostAsJsonAsync("/v1/check", request, ContractsJson.Default.GuardCheckRequest, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.Conflict)
        {
            return null;
        }

        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync(ContractsJson.Default.GuardCheckResponse, cancellationToken).ConfigureAwait(false);
    }

    private static GuardCheckRequest RequestOf(IReadOnlyList<GuardText> texts, string policy, GuardContext with) => new()
    {
        Direction = texts.Count > 0 && texts[0].Place is GuardrailScope.Output or GuardrailScope.ToolCall ? GuardDirection.Output : GuardDirection.Input,
        Items =
        [
            .. texts.Select(static t => new GuardCheckText
            {
                Text = t.Text, Place = t.Place, Source = t.Source == GuardSource.Unknown ? null : t.Source.ToString().ToLowerInvariant(), Tool = t.Tool, IsJson = t.IsJson,
            }),
        ],
        Policies = [policy],
        SystemPrompts = with.SystemPrompts,
    };

    private static GuardOutcome OutcomeOf(GuardCheckResponse answer, IReadOnlyList<GuardText> texts)
    {
        GuardText[] changed = [.. texts];
        foreach (var text in answer.Changed.Where(c => c.Index >= 0 && c.Index < changed.Length))
        {
            changed[text.Index] = changed[text.Index] with { Text = text.Text };
        }

        return new GuardOutcome
        {
            Verdict = (GuardVerdict)answer.Verdict,
            ShadowVerdict = (GuardVerdict)(answer.ShadowVerdict ?? answer.Verdict),
            Texts = changed,
            IsChanged = answer.Changed.Count > 0,
            Findings = [.. answer.Findings.Select(static f => new GuardFinding(f.Policy, f.Rule, f.Detector, f.Kind, f.Action, f.Index, f.Start, f.Length, f.Score))],
            Notes = [.. answer.Notes.Select(static n => new RuleNote(n.Policy, n.Rule, n.Detector, n.Action, n.Mode) { Count = n.Count, Kinds = n.Kinds, Failure = n.Failure })],
            Message = answer.Message,
            Route = answer.Route,
            IsFailure = answer.IsFailure,
        };
    }

    [LoggerMessage(LogLevel.Warning, "no verdict of the guardrail service ({Reason}); the policy is run in this process")]
    private partial void LogNoVerdict(string reason);
}
