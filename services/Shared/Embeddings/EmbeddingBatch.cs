using System.Buffers;
using Microsoft.Extensions.AI;

namespace Gateway.Embeddings;

/// <summary>Embeds many texts, a group at a time.</summary>
internal sealed class EmbeddingBatch(LoadedModel model, int maxTokens)
{
    /// <summary>A group ends before it passes this many tokens: enough to read each weight for many rows, little enough to stay in cache.</summary>
    private const int GroupTokens = 256;

    private readonly GeneratedEmbeddings<Embedding<float>> _results = [];
    private readonly List<int> _lengths = [];
    private readonly List<bool> _cut = [];
    private long _total;

    public GeneratedEmbeddings<Embedding<float>> Run(IEnumerable<string> texts, CancellationToken cancellationToken)
    {
        var capacity = GroupTokens + maxTokens;
        var tokens = ArrayPool<int>.Shared.Rent(capacity);
        try
        {
            var used = 0;
            foreach (var text in texts)
            {
                cancellationToken.ThrowIfCancellationRequested();
                ArgumentNullException.ThrowIfNull(text, nameof(texts));
                var outcome = model.Tokenizer.Tokenize(text, tokens.AsSpan(used, maxTokens));
                if (used > 0 && used + outcome.Count > GroupTokens)
                {
                    Flush(tokens.AsSpan(0, used), cancellationToken);
                    tokens.AsSpan(used, outcome.Count).CopyTo(tokens);
                    used = 0;
                }

                used += outcome.Count;
                _lengths.Add(outcome.Count);
                _cut.Add(outcome.Truncated);
            }

            Flush(tokens.AsSpan(0, used), cancellationToken);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(tokens);
        }

        _results.Usage = new UsageDetails { InputTokenCount = _total, TotalTokenCount = _total };
        return _results;
    }

    private void Flush(ReadOnlySpan<int> tokens, CancellationToken cancellationToken)
    {
        if (_lengths.Count == 0)
        {
            return;
        }

        var vectors = new float[_lengths.Count * MiniLmEmbeddingGenerator.Dimensions];
        model.Encoder.Encode(tokens, _lengths.ToArray(), vectors, cancellationToken);
        for (var i = 0; i < _lengths.Count; i++)
        {
            // A copy of its own: a caller that keeps one vector must not keep the group's memory.
            var vector = vectors.AsSpan(i * MiniLmEmbeddingGenerator.Dimensions, MiniLmEmbeddingGenerator.Dimensions).ToArray();
            _results.Add(new Embedding<float>(vector)
            {
                ModelId = MiniLmEmbeddingGenerator.ModelId,
                AdditionalProperties = _cut[i] ? new AdditionalPropertiesDictionary { [MiniLmEmbeddingGenerator.TruncatedProperty] = true } : null,
            });
        }

        _total += tokens.Length;
        _lengths.Clear();
        _cut.Clear();
    }
}
