using Gateway.Guardrails.Deep;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Governance.Guardrails;

/// <summary>What is replayed: the texts of a request, and those of its answer where it is there.</summary>
/// <param name="Input">What goes to the model; a text that is given for another place stands here too.</param>
/// <param name="Output">What came back.</param>
/// <param name="Log">Id of its record, or null.</param>
/// <param name="CostNanoUsd">What it cost.</param>
internal sealed record DryRunCase(IReadOnlyList<GuardText> Input, IReadOnlyList<GuardText> Output, string? Log = null, long CostNanoUsd = 0);

/// <summary>Runs the proposed policy and the one in force over one request after the other and keeps what is different. For one thread.</summary>
internal sealed class DryRunReplay(CompiledPolicy proposed, CompiledPolicy? current, DeepInjection deep, TimeProvider time)
{
    private const int MostShown = 200;
    private const int MostShownLength = 4_000;

    private readonly List<DryRunDifference> _differences = [];
    private int _requests;
    private int _texts;
    private int _blocked;
    private int _changed;
    private int _found;
    private int _blockedBefore;
    private int _changedBefore;
    private int _different;
    private long _spend;
    private long _blockedSpend;
    private long _blockedSpendBefore;
    private long _routedSpend;
    private TimeSpan _took;
    private TimeSpan _tookBefore;
    private TimeSpan _slowest;

    /// <summary>How many requests it has seen.</summary>
    public int Requests => _requests;

    /// <summary>Replays a request.</summary>
    public async Task RunAsync(DryRunCase one, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var (after, took) = await LookAsync(proposed, one, cancellation).ConfigureAwait(false);
        var before = Seen.Nothing(one);
        if (current is not null)
        {
            (before, var tookBefore) = await LookAsync(current, one, cancellation).ConfigureAwait(false);
            _tookBefore += tookBefore;
        }

        _took += took;
        _slowest = took > _slowest ? took : _slowest;
        _texts += one.Input.Count + one.Output.Count;
        _blocked += after.Blocks ? 1 : 0;
        _changed += after.Changed.Count > 0 ? 1 : 0;
        _found += after.Kinds.Count > 0 ? 1 : 0;
        _blockedBefore += before.Blocks ? 1 : 0;
        _changedBefore += before.Changed.Count > 0 ? 1 : 0;
        _spend += one.CostNanoUsd;
        _blockedSpend += after.Input is GuardVerdict.Block or GuardVerdict.Approve ? one.CostNanoUsd : 0;
        _blockedSpendBefore += before.Input is GuardVerdict.Block or GuardVerdict.Approve ? one.CostNanoUsd : 0;
        _routedSpend += after.Input == GuardVerdict.Route ? one.CostNanoUsd : 0;
        var index = _requests++;
        if (after.Verdict == before.Verdict && after.Texts.SequenceEqual(before.Texts, StringComparer.Ordinal))
        {
            return;
        }

        _different++;
        if (_differences.Count < MostShown)
        {
            var changed = string.Join('\n', after.Changed);
            _differences.Add(new DryRunDifference
            {
                Index = index,
                Log = one.Log,
                Before = before.Verdict.ToString(),
                After = after.Verdict.ToString(),
                Changed = changed.Length == 0 ? null : changed.Length <= MostShownLength ? changed : changed[..MostShownLength],
                Kinds = after.Kinds,
            });
        }
    }

    /// <summary>What came of it.</summary>
    public DryRunReport Report()
    {
        var requests = Math.Max(1, _requests);
        return new DryRunReport
        {
            Texts = _texts,
            Requests = _requests,
            Blocked = _blocked,
            Changed = _changed,
            Found = _found,
            BlockedBefore = _blockedBefore,
            ChangedBefore = _changedBefore,
            Different = _different,
            MeanMicroseconds = (long)(_took.TotalMicroseconds / requests),
            MaxMicroseconds = (long)_slowest.TotalMicroseconds,
            MeanMicrosecondsBefore = (long)(_tookBefore.TotalMicroseconds / requests),
            SpendNanoUsd = _spend,
            BlockedSpendNanoUsd = _blockedSpend,
            BlockedSpendBeforeNanoUsd = _blockedSpendBefore,
            RoutedSpendNanoUsd = _routedSpend,
            NotRun = [.. proposed.Rules.Where(static r => r.Detector is null && r.Entry.Detector != DeepRules.Detector).Select(static r => r.Descriptor.Name).Distinct(StringComparer.Ordinal)],
            Differences = _differences,
        };
    }

    private async ValueTask<(Seen Seen, TimeSpan Took)> LookAsync(CompiledPolicy policy, DryRunCase one, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var input = await CheckAsync(one.Input, policy, new GuardContext { Clock = time }, cancellation).ConfigureAwait(false);
        var prompts = input.Texts.Where(static t => t.Source == GuardSource.System).Select(static t => t.Text).ToList();
        var output = one.Output.Count == 0 ? GuardOutcome.Untouched([]) : await CheckAsync(one.Output, policy, new GuardContext { Clock = time, SystemPrompts = prompts }, cancellation).ConfigureAwait(false);
        return (Seen.Of(one, input, output), time.GetElapsedTime(began));
    }

    private async ValueTask<GuardOutcome> CheckAsync(IReadOnlyList<GuardText> texts, CompiledPolicy policy, GuardContext context, CancellationToken cancellation)
    {
        if (!policy.HasRemoteRules)
        {
            return GuardEngine.Check(texts, policy, context);
        }

        using var run = GuardEngine.Begin(texts, policy, context);
        await DeepRules.RunAsync(deep, run, texts, policy, time, cancellation).ConfigureAwait(false);
        return run.Conclude();
    }

    /// <summary>What a policy makes of a request.</summary>
    private sealed record Seen(GuardVerdict Input, GuardVerdict Output, IReadOnlyList<string> Texts, IReadOnlyList<string> Changed, IReadOnlyList<string> Kinds)
    {
        public bool Blocks => Input == GuardVerdict.Block || Output == GuardVerdict.Block;

        public GuardVerdict Verdict => Blocks ? GuardVerdict.Block : Input != GuardVerdict.Allow ? Input : Output;

        public static Seen Nothing(DryRunCase one) => Of(one, GuardOutcome.Untouched(one.Input), GuardOutcome.Untouched(one.Output));

        public static Seen Of(DryRunCase one, GuardOutcome input, GuardOutcome output)
        {
            GuardText[] given = [.. one.Input, .. one.Output];
            GuardText[] left = [.. input.Texts, .. output.Texts];
            return new Seen(
                input.ShadowVerdict,
                output.ShadowVerdict,
                [.. left.Select(static t => t.Text)],
                [.. left.Where((t, i) => i < given.Length && t.Text != given[i].Text).Select(static t => t.Text)],
                [.. input.Findings.Concat(output.Findings).Select(static f => $"{f.Detector}:{f.Kind}").Distinct(StringComparer.Ordinal)]);
        }
    }
}
