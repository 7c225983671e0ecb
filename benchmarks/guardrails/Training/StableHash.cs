using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>A number for a text that is the same in every run, which hash codes of strings are not (FNV-1a).</summary>
internal static class StableHash
{
    private const ulong Start = 14695981039346656037UL;
    private const ulong Prime = 1099511628211UL;

    public static ulong Of(string text, TextSource source = TextSource.Person) => text.Aggregate((Start ^ (ulong)source) * Prime, static (hash, c) => Extend(hash, c));

    public static ulong Of(byte[] bytes) => bytes.Aggregate(Start, static (hash, b) => Extend(hash, b));

    /// <summary>The number for what was before with one thing more.</summary>
    public static ulong Extend(ulong hash, ulong next) => (hash ^ next) * Prime;
}
