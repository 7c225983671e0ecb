using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Guardrails.Engine.Tests.Injection;

public sealed class LinearModelTests
{
    private static readonly ModelConstants _constants = new([.. Enumerable.Range(0, ModelConstants.Count).Select(static i => i / 4f)]);

    [Fact]
    public void A_model_that_was_written_is_read_as_it_was()
    {
        var entries = Enumerable.Range(1, 5_000).Select(static i => new FeatureWeights(FeatureKey.Of(FeatureKind.Word, (uint)i), (i % 2047) - 1023, (i * 7 % 2047) - 1023, (i * 31 % 2047) - 1023)).ToArray();
        var model = Model(entries, out var kept);

        Assert.Equal(entries.Length, kept);
        Assert.Equal(_constants.Values, model.Constants.Values);
        Assert.Equal(1f, model.Scale);
        foreach (var entry in entries)
        {
            var sums = default(FeatureSums);
            model.Add([entry.Key], ref sums);
            Assert.Equal(new FeatureSums((int)entry.Sentence, (int)entry.Window, (int)entry.Frame), sums);
        }
    }

    [Fact]
    public void Many_features_at_once_add_up_whatever_their_weights()
    {
        // The heaviest weights, over and over: what is added up in sixteen bits must not run over.
        FeatureWeights[] entries = [new(FeatureKey.Of(FeatureKind.Word, 1), 1023, -1023, 800), new(FeatureKey.Of(FeatureKind.Word, 2), -3, 4, 5)];
        var model = Model(entries, out _);
        var sums = default(FeatureSums);
        model.Add([.. Enumerable.Repeat(entries[0].Key, 100_000), .. Enumerable.Repeat(entries[1].Key, 33)], ref sums);

        Assert.Equal(new FeatureSums((1023 * 100_000) - 99, (-1023 * 100_000) + 132, (800 * 100_000) + 165), sums);
    }

    [Fact]
    public void Features_that_it_does_not_know_count_nothing()
    {
        var model = Model([new(FeatureKey.Of(FeatureKind.Word, 1), 1, 1, 1)], out _);
        var sums = default(FeatureSums);
        model.Add([.. Enumerable.Range(2, 10_000).Select(static i => FeatureKey.Of(FeatureKind.Stem, (uint)i))], ref sums);

        Assert.Equal(default, sums);
    }

    [Fact]
    public void Of_features_that_share_a_place_the_heaviest_are_kept()
    {
        var entries = Enumerable.Range(1, 20).Select(static i => new FeatureWeights((5u << (32 - FeatureKey.PlaceBits)) | (uint)i, i, 0, 0)).ToArray();
        var model = Model(entries, out var kept);

        Assert.Equal(LinearModel.Slots, kept);
        var sums = default(FeatureSums);
        model.Add([.. entries.Select(static e => e.Key)], ref sums);
        Assert.Equal(Enumerable.Range(13, 8).Sum(), (int)MathF.Round(sums.Sentence * model.Scale));
    }

    private static LinearModel Model(IReadOnlyList<FeatureWeights> entries, out int kept)
    {
        using var stream = new MemoryStream();
        kept = LinearModel.Write(stream, entries, _constants);
        return LinearModel.Read(new MemoryStream(stream.ToArray()));
    }
}
