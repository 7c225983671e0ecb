using System.Text.Json;
using Gateway.Edge.Pipeline;
using Gateway.Guardrails.Deep;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Edge.Guarding.Remote;

/// <summary>Runs the rules of a policy that ask other services, all at once and within the policy's time. What a service cannot say counts as a rule that failed.</summary>
internal sealed class RemoteRules(RemoteCalls calls, JudgeRule judge, DeepInjection deep, TimeProvider time)
{
    /// <summary>Most bytes of an answer.</summary>
    public const int MaxAnswerBytes = 4 * 1024 * 1024;

    public async ValueTask RunAsync(RequestContext context, GuardRun run, IReadOnlyList<GuardText> texts, CompiledPolicy policy, CancellationToken cancellationToken)
    {
        var answers = await AskAsync(Asker.Of(context), context.ModelName, run.Pending, texts, policy, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < answers.Count; i++)
        {
            var rule = run.Pending[i].Rule.Index;
            if (answers[i].Failure is { } failure)
            {
                run.Fail(rule, failure);
                continue;
            }

            foreach (var found in answers[i].Findings)
            {
                run.Add(rule, found.Text, found.Start, found.Length, found.Kind, found.Score);
            }

            run.Answered(rule);
        }
    }

    /// <summary>Asks about texts.</summary>
    /// <param name="asker">For whom.</param>
    /// <param name="about">What the texts belong to: a model, or a tool.</param>
    /// <param name="rules">The rules, with the texts that each looks at.</param>
    /// <param name="texts">All texts.</param>
    /// <param name="policy">The policy of the rules.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What each rule came to, in their order.</returns>
    public async Task<IReadOnlyList<RemoteAnswer>> AskAsync(
        Asker asker, string about, IReadOnlyList<PendingRule> rules, IReadOnlyList<GuardText> texts, CompiledPolicy policy, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(policy.Entry.TimeoutMilliseconds), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var answers = await Task.WhenAll(rules.Select(p => AskAsync(asker, about, p, texts, policy, either.Token))).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return answers;
    }

    private async Task<RemoteAnswer> AskAsync(Asker asker, string about, PendingRule pending, IReadOnlyList<GuardText> texts, CompiledPolicy policy, CancellationToken cancellationToken)
    {
        var question = new RemoteQuestion(asker, about, pending.Rule, policy.Entry.Id, [.. pending.Texts.Select(i => (i, texts[i]))]);
        try
        {
            return pending.Rule.Entry.Detector switch
            {
                DeepRules.Detector => await DeepAsync(pending, texts, cancellationToken).ConfigureAwait(false),
                "judge" => await judge.AskAsync(question, cancellationToken).ConfigureAwait(false),
                var name when RemoteAdapters.Find(name) is { } adapter => await adapter.AskAsync(question, calls, cancellationToken).ConfigureAwait(false),
                _ => RemoteAnswer.Failed("unknown"),
            };
        }
        catch (OperationCanceledException)
        {
            return RemoteAnswer.Failed("timeout");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return RemoteAnswer.Failed("unreachable");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            return RemoteAnswer.Failed("invalid answer");
        }
        catch (RemoteRefusedException e)
        {
            return RemoteAnswer.Failed(e.Message);
        }
    }

    private async Task<RemoteAnswer> DeepAsync(PendingRule pending, IReadOnlyList<GuardText> texts, CancellationToken cancellationToken)
    {
        var (findings, failure) = await DeepRules.AskAsync(deep, pending, texts, cancellationToken).ConfigureAwait(false);
        return new RemoteAnswer([.. findings.Select(static f => new RemoteFinding(f.Text, f.Start, f.Length, f.Kind, f.Score))], failure);
    }
}

/// <summary>What a service is asked.</summary>
/// <param name="Asker">For whom.</param>
/// <param name="About">What the texts belong to: a model, or a tool.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Policy">Id of its policy.</param>
/// <param name="Texts">The texts with their numbers.</param>
internal sealed record RemoteQuestion(Asker Asker, string About, CompiledRule Rule, string Policy, IReadOnlyList<(int Index, GuardText Text)> Texts)
{
    /// <summary>Whether the texts are those of an answer.</summary>
    public bool IsAnswer => Texts.Count > 0 && Texts[0].Text.Place is Contracts.Configuration.GuardrailScope.Output or Contracts.Configuration.GuardrailScope.ToolCall;
}

/// <summary>What a service said.</summary>
internal readonly record struct RemoteAnswer(IReadOnlyList<RemoteFinding> Findings, string? Failure)
{
    public static RemoteAnswer Failed(string why) => new([], why);

    public static RemoteAnswer Of(IEnumerable<RemoteFinding> findings) => new([.. findings], null);
}

/// <summary>Something that a service found.</summary>
internal readonly record struct RemoteFinding(int Text, int Start, int Length, string Kind, double Score)
{
    /// <summary>A finding about the whole of a text.</summary>
    public static RemoteFinding Whole((int Index, GuardText Text) text, string kind, double score) => new(text.Index, 0, text.Text.Text.Length, kind, Math.Clamp(score, 0, 1));
}

/// <summary>A service answered with an error; its status is all that is told of it.</summary>
internal sealed class RemoteRefusedException(int status) : Exception($"status {status}");
