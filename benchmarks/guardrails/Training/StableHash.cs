namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>A number for a text that is the same in every run, which hash codes of strings are not (FNV-1a).</summary>
internal static class StableHash
{
    private const ulong Start = 14695981039346656037UL;
    private const ulong Prime = 1099511628211UL;

    public static ulong Of(string text) => text.Aggregate(unchecked((Start ^ 1) * Prime), static (hash, c) => (hash ^ c) * Prime);
}
