using System.Collections.Concurrent;
using Microsoft.Extensions.AI;

namespace Gateway.Benchmarks.McpTools;

/// <summary>Remembers the meaning of each text, so that trying weights costs no inference.</summary>
internal sealed class Remembered(IEmbeddingGenerator<string, Embedding<float>> model) : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly ConcurrentDictionary<string, Embedding<float>> known = new(StringComparer.Ordinal);

    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var all = values.ToList();
        var unknown = all.Where(v => !known.ContainsKey(v)).Distinct(StringComparer.Ordinal).ToList();
        if (unknown.Count > 0)
        {
            var made = await model.GenerateAsync(unknown, options, cancellationToken);
            for (var i = 0; i < unknown.Count; i++)
            {
                known[unknown[i]] = made[i];
            }
        }

        return new GeneratedEmbeddings<Embedding<float>>(all.Select(v => known[v]));
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
