namespace Gateway.Guardrails.Engine.Injection;

/// <summary>What words mean, one by one; and of neighbours among those that mean anything the fields.</summary>
internal static class WordMeaning
{
    // Of words with another one between them the first counts as one of a field of its own.
    private const int Apart = 256;

    public static void Emit(IFeatureSink sink, ReadOnlySpan<uint> words, float value, FeatureKind one, FeatureKind two)
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

            sink.Add(FeatureKey.Of(one, (uint)group), value);
            var field = groups.FieldOf(group);
            if (before != 0)
            {
                sink.Add(FeatureKey.Of(two, (uint)before, (uint)field), value);
            }

            if (beforeThat != 0)
            {
                sink.Add(FeatureKey.Of(two, (uint)(beforeThat | Apart), (uint)field), value);
            }

            (beforeThat, before) = (before, field);
        }
    }
}
