namespace Gateway.Guardrails.Engine.Injection;

/// <summary>Fields of the last two words of the sentences before that mean anything; 0 for none.</summary>
internal readonly record struct LastFields(int Last, int Before);

/// <summary>What words mean, one by one; and of neighbours among those that mean anything the fields.</summary>
internal static class WordMeaning
{
    // Of words with another one between them the first counts as one of a field of its own.
    private const int Apart = 256;

    /// <summary>Adds what the words of a sentence mean.</summary>
    /// <param name="keys">Takes what the sentence has, and the window with it.</param>
    /// <param name="joints">Takes the pairs over the end of the sentence before, which only the window has.</param>
    /// <param name="words">The words.</param>
    /// <param name="last">How the sentences before ended; then how this one did.</param>
    public static void Emit(KeyList keys, KeyList joints, ReadOnlySpan<uint> words, ref LastFields last)
    {
        var groups = WordGroups.Default;
        var (before, beforeThat) = (0, 0);
        foreach (var word in words)
        {
            var group = groups.Of(word);
            if (group == 0)
            {
                continue;
            }

            keys.Add(FeatureKey.Of(FeatureKind.Group, (uint)group));
            var field = groups.FieldOf(group);
            AddPair(before != 0 ? keys : joints, before != 0 ? before : last.Last, field);
            AddPair(beforeThat != 0 ? keys : joints, (beforeThat != 0 ? beforeThat : before != 0 ? last.Last : last.Before) is > 0 and var apart ? apart | Apart : 0, field);
            (beforeThat, before) = (before, field);
        }

        last = beforeThat != 0 ? new LastFields(before, beforeThat) : before != 0 ? new LastFields(before, last.Last) : last;
    }

    private static void AddPair(KeyList keys, int before, int field)
    {
        if (before != 0)
        {
            keys.Add(FeatureKey.Of(FeatureKind.GroupPair, (uint)before, (uint)field));
        }
    }
}
