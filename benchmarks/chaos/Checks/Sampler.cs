using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Chaos.Running;

namespace Gateway.Chaos.Checks;

/// <summary>A window of a budget as last seen, and at its worst.</summary>
internal sealed class SeenWindow
{
    public long Limit { get; set; }

    public long Settled { get; set; }

    public long Leased { get; set; }

    public long Held { get; set; }

    /// <summary>The most that was ever settled and leased in one window of this name.</summary>
    public long Most { get; set; }
}

/// <summary>Asks governance again and again what is settled, leased and held, and checks it.</summary>
internal sealed class Sampler(Fleet fleet)
{
    private readonly SortedDictionary<string, SeenWindow> _windows = new(StringComparer.Ordinal);
    private readonly List<string> _violations = [];

    public IReadOnlyDictionary<string, SeenWindow> Windows => _windows;

    public IReadOnlyList<string> Violations => _violations;

    /// <summary>Answers looked at.</summary>
    public int Samples { get; private set; }

    public async Task RunAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                _ = await SampleAsync(end).ConfigureAwait(false);
                await Task.Delay(100, end).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <returns>Whether nothing is leased or held; null when governance did not answer.</returns>
    public async Task<bool?> SampleAsync(CancellationToken cancellation)
    {
        if (await fleet.Admin.TryGetAsync("budgets/states?limit=100", cancellation).ConfigureAwait(false) is not { } answer)
        {
            return null;
        }

        Samples++;
        var atRest = true;
        foreach (var budget in answer["items"]!.AsArray())
        {
            foreach (var window in budget!["windows"]!.AsArray())
            {
                atRest &= Look((string)budget["id"]! + "#" + (string)window!["window"]!, window);
            }
        }

        return atRest;
    }

    /// <summary>Drops what was found after the first so many.</summary>
    public void Forget(int after) => _violations.RemoveRange(after, _violations.Count - after);

    private bool Look(string name, JsonNode window)
    {
        long Figure(string member) => (long?)window[member] ?? 0;
        if (!_windows.TryGetValue(name, out var seen))
        {
            _windows[name] = seen = new SeenWindow();
        }

        (seen.Limit, seen.Settled, seen.Leased, seen.Held) = (Figure("limitNanoUsd") + Figure("overrideNanoUsd"), Figure("settledNanoUsd"), Figure("leasedNanoUsd"), Figure("heldNanoUsd"));
        seen.Most = Math.Max(seen.Most, seen.Settled + seen.Leased);
        if (seen.Settled + seen.Leased > seen.Limit)
        {
            _violations.Add(string.Create(CultureInfo.InvariantCulture, $"{name}: settled {seen.Settled} + leased {seen.Leased} > limit {seen.Limit}"));
        }

        return seen.Leased == 0 && seen.Held == 0;
    }
}
