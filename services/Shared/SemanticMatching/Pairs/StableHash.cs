namespace Gateway.SemanticMatching.Pairs;

/// <summary>A hash of a word that is the same in every process and version: what was learnt for it is found by it.</summary>
internal static class StableHash
{
    public static uint Of(string text)
    {
        // FNV-1a.
        var hash = 2166136261u;
        foreach (var c in text)
        {
            hash = (hash ^ c) * 16777619u;
        }

        return hash ^ (hash >> 15);
    }
}
