using System.Globalization;
using System.Text;
using Gateway.Chaos.Callers;
using Gateway.Chaos.Checks;
using Gateway.Chaos.Running;

namespace Gateway.Chaos;

/// <summary>What a run showed.</summary>
public sealed class ChaosReport
{
    internal ChaosReport(ChaosOptions options, Fleet fleet, IReadOnlyList<CallerKey> keys, IReadOnlyCollection<Call> calls, Sampler sampler, Reckoning reckoning)
    {
        Violations = [.. sampler.Violations, .. reckoning.Violations];
        Requests = calls.Count;
        Text = Write(options, fleet, keys, calls, sampler, reckoning);
    }

    /// <summary>What did not hold; empty when everything did.</summary>
    public IReadOnlyList<string> Violations { get; }

    /// <summary>Requests made.</summary>
    public int Requests { get; }

    /// <summary>The table.</summary>
    public string Text { get; }

    private string Write(ChaosOptions options, Fleet fleet, IReadOnlyList<CallerKey> keys, IReadOnlyCollection<Call> calls, Sampler sampler, Reckoning reckoning)
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Line($"{options.Edges} edges, {options.Streams} callers at a time, {options.Length.TotalMinutes:0.##} minutes, governance on {(options.Postgres is null ? "SQLite" : "Postgres")}");
        Line($"kill -9: {string.Join(", ", fleet.Edges.Append(fleet.Governance).Select(p => $"{p.Name} {p.Kills}"))}; clocks of the edges: {string.Join(", ", fleet.Edges.Select((_, i) => Fleet.Skew(i).TotalSeconds.ToString("+0.#;-0.#;0", CultureInfo.InvariantCulture) + " s"))}");
        Line($"requests: {calls.Count}, of which in the ledger {reckoning.Records}; the provider was asked {fleet.Simulator.Stats.Requests.Values.Sum()} times, at most {fleet.Simulator.Stats.Peak} at once");
        Line($"");
        Line($"{"as callers saw them",-22}{string.Concat(keys.Select(k => $"{k.Name,9}"))}{"all",9}");
        foreach (var ending in Enum.GetValues<Ending>())
        {
            Line($"{ending,-22}{string.Concat(keys.Select((_, i) => $"{calls.Count(c => c.Key == i && c.Ending == ending),9}"))}{calls.Count(c => c.Ending == ending),9}");
        }

        Line($"");
        Line($"{"window, nano-dollars",-32}{"limit",20}{"most settled + leased",24}{"of the limit",14}   ({sampler.Samples} samples)");
        foreach (var (name, seen) in sampler.Windows)
        {
            Line($"{name,-32}{seen.Limit,20}{seen.Most,24}{100.0 * seen.Most / Math.Max(1, seen.Limit),12:0.00} %");
        }

        Line($"");
        Line($"{"in the ledger, at rest",-32}{"requests",9}{"ledger",15}{"bill",15}{"above",8}{"by",13}{"below",8}{"by",13}");
        foreach (var c in reckoning.Classes)
        {
            Line($"{c.Class,-32}{c.Requests,9}{c.Ledger,15}{c.Bill,15}{c.Above,8}{c.AboveNanoUsd,13}{c.Below,8}{c.BelowNanoUsd,13}");
        }

        Line($"{"all",-32}{reckoning.Records,9}{reckoning.Ledger,15}{reckoning.Bill,15}");
        Line($"Without `estimated` the ledger is the bill to the nano-dollar, request by request. Estimated is what nobody can know: an answer that broke off before the provider told its use.");
        Line($"It is an upper bound: of an edge that was killed, and by settings.unreported of the others.");
        Line($"");
        Line($"{"window",-32}{"settled",15}{"bill",15}{"after adjustment",18}   to the nano-dollar");
        foreach (var t in reckoning.Totals)
        {
            Line($"{t.Window,-32}{t.Settled,15}{t.Bill,15}{t.Adjusted,18}   {(t.Adjusted == t.Bill ? "equal" : "NOT EQUAL")}{(t.Bill > t.Limit ? "; the bill passes the limit by what was estimated below it" : "")}");
        }

        Line($"");
        Line($"violations: {Violations.Count}");
        foreach (var violation in Violations)
        {
            Line($"  {violation}");
        }

        return text.ToString();
    }
}
