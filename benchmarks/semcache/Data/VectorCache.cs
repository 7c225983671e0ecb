using Gateway.Embeddings;

namespace Gateway.Benchmarks.SemCache.Data;

/// <summary>Embeds texts with the built-in model; keeps the vectors in a file where one is named, since that takes minutes.</summary>
internal static class VectorCache
{
    public static Dictionary<string, float[]> Embed(IReadOnlyList<string> texts, string? file)
    {
        var vectors = new Dictionary<string, float[]>(StringComparer.Ordinal);
        if (file is not null && File.Exists(file))
        {
            using var reader = new BinaryReader(File.OpenRead(file));
            while (reader.BaseStream.Position < reader.BaseStream.Length)
            {
                var text = reader.ReadString();
                var vector = new float[MiniLmEmbeddingGenerator.Dimensions];
                for (var i = 0; i < vector.Length; i++)
                {
                    vector[i] = reader.ReadSingle();
                }

                vectors[text] = vector;
            }
        }

        var missing = texts.Where(t => !vectors.ContainsKey(t)).ToList();
        if (missing.Count == 0)
        {
            return vectors;
        }

        using var model = new MiniLmEmbeddingGenerator();
        model.Load();
        var made = new float[missing.Count][];
        Parallel.For(0, missing.Count, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i =>
        {
            made[i] = new float[MiniLmEmbeddingGenerator.Dimensions];
            model.Embed(missing[i], made[i]);
        });
        for (var i = 0; i < missing.Count; i++)
        {
            vectors[missing[i]] = made[i];
        }

        if (file is not null)
        {
            using var writer = new BinaryWriter(File.Create(file));
            foreach (var (text, vector) in vectors)
            {
                writer.Write(text);
                foreach (var value in vector)
                {
                    writer.Write(value);
                }
            }
        }

        return vectors;
    }
}
