using System.Text;
using Microsoft.Extensions.AI;

namespace Gateway.Embeddings.Tests;

public sealed class GeneratorTests(Model model) : IClassFixture<Model>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void It_says_what_it_is()
    {
        IEmbeddingGenerator<string, Embedding<float>> generator = model.Generator;
        var metadata = Assert.IsType<EmbeddingGeneratorMetadata>(generator.GetService(typeof(EmbeddingGeneratorMetadata)));

        Assert.Equal("all-MiniLM-L6-v2", metadata.DefaultModelId);
        Assert.Equal(384, metadata.DefaultModelDimensions);
        Assert.Same(generator, generator.GetService(typeof(MiniLmEmbeddingGenerator)));
        Assert.Null(generator.GetService(typeof(string)));
        Assert.Null(generator.GetService(typeof(MiniLmEmbeddingGenerator), "key"));
    }

    [Fact]
    public async Task Empty_text_has_a_vector_of_two_tokens()
    {
        var result = await model.Generator.GenerateAsync([""], cancellationToken: Cancellation);

        Assert.Equal(384, Assert.Single(result).Dimensions);
        Assert.Equal("all-MiniLM-L6-v2", result[0].ModelId);
        Assert.Equal(2, result.Usage?.InputTokenCount);
        Assert.True(result[0].Vector.ToArray().All(float.IsFinite));
    }

    [Fact]
    public async Task No_texts_give_no_vectors()
    {
        var result = await model.Generator.GenerateAsync([], cancellationToken: Cancellation);

        Assert.Empty(result);
        Assert.Equal(0, result.Usage?.InputTokenCount);
    }

    [Fact]
    public async Task A_huge_text_is_cut_and_says_so()
    {
        var huge = string.Concat(Enumerable.Repeat("some words to fill a very long prompt. ", 27_000));
        var result = await model.Generator.GenerateAsync(["short", huge], cancellationToken: Cancellation);

        Assert.Null(result[0].AdditionalProperties);
        Assert.Equal(true, result[1].AdditionalProperties?[MiniLmEmbeddingGenerator.TruncatedProperty]);
        Assert.Equal(3 + 256, result.Usage?.InputTokenCount);
        Assert.Equal(model.Embed(huge), result[1].Vector.ToArray());
        Assert.Equal(model.Embed(huge[..4000]), result[1].Vector.ToArray());
    }

    [Fact]
    public void The_limit_can_be_as_large_as_the_model_allows_and_no_larger()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new MiniLmEmbeddingGenerator(maxTokens: 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MiniLmEmbeddingGenerator(maxTokens: 513));

        using var generator = new MiniLmEmbeddingGenerator(maxTokens: 512);
        var vector = new float[384];
        var outcome = generator.Embed(string.Concat(Enumerable.Repeat("word ", 600)), vector, Cancellation);

        Assert.Equal(512, outcome.Count);
        Assert.True(outcome.Truncated);
        Assert.InRange(vector.Sum(value => value * value), 0.9999f, 1.0001f);
    }

    [Fact]
    public void Text_of_control_characters_surrogates_and_emoji_has_a_finite_vector()
    {
        string[] texts = ["\0\u0001\u001f\u007f", "\ud800", "\udfff\ud800", "\U0001F600\U0001F1E9\U0001F1EA", "\u202e\u200f", new string('\u0301', 10_000)];

        Assert.All(texts, text => Assert.True(model.Embed(text).All(float.IsFinite)));
    }

    [Fact]
    public async Task Many_threads_at_once_get_the_vectors_that_one_gets()
    {
        var texts = Reference.Lines.Take(48).Select(line => line.Text).ToArray();
        var alone = texts.Select(model.Embed).ToArray();

        var together = await Task.WhenAll(Enumerable.Range(0, 4).Select(offset => Task.Run(
            () => texts.Select((_, i) => (Index: (i + offset * 12) % texts.Length, Vector: model.Embed(texts[(i + offset * 12) % texts.Length]))).ToArray(),
            Cancellation)));

        Assert.All(together.SelectMany(run => run), made => Assert.Equal(alone[made.Index], made.Vector));
    }

    [Fact]
    public async Task A_cancelled_call_ends_as_cancelled()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();

        var task = model.Generator.GenerateAsync(["text"], cancellationToken: source.Token);

        Assert.True(task.IsCanceled);
        Assert.Throws<OperationCanceledException>(() => model.Generator.Embed("text", new float[384], source.Token));
    }

    [Fact]
    public async Task Options_that_ask_for_another_model_or_size_are_refused()
    {
        var texts = new[] { "text" };
        Assert.Single(await model.Generator.GenerateAsync(texts, new() { ModelId = "all-MiniLM-L6-v2", Dimensions = 384 }, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => model.Generator.GenerateAsync(texts, new() { Dimensions = 256 }, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => model.Generator.GenerateAsync(texts, new() { ModelId = "other" }, Cancellation));
        Assert.Throws<ArgumentException>(() => model.Generator.Embed("text", new float[383], Cancellation));
    }

    [Fact]
    public async Task A_missing_file_is_named_at_the_first_use()
    {
        var directory = Directory.CreateTempSubdirectory();
        try
        {
            using var generator = new MiniLmEmbeddingGenerator(directory.FullName);
            Assert.NotNull(generator.Metadata);
            var weights = await Assert.ThrowsAsync<FileNotFoundException>(() => generator.GenerateAsync(["text"], cancellationToken: Cancellation));
            Assert.Contains(Path.Combine(directory.FullName, "model.safetensors"), weights.Message, StringComparison.Ordinal);

            await File.WriteAllBytesAsync(Path.Combine(directory.FullName, "model.safetensors"), [1, 2, 3], Cancellation);
            using var second = new MiniLmEmbeddingGenerator(directory.FullName);
            var vocabulary = Assert.Throws<FileNotFoundException>(second.Load);
            Assert.Contains(Path.Combine(directory.FullName, "vocab.txt"), vocabulary.Message, StringComparison.Ordinal);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5_000)]
    [InlineData(10_000_000)]
    public void Weights_that_end_early_are_called_damaged(int length)
    {
        var directory = Directory.CreateTempSubdirectory();
        try
        {
            var installed = Path.Combine(AppContext.BaseDirectory, "minilm");
            File.Copy(Path.Combine(installed, "vocab.txt"), Path.Combine(directory.FullName, "vocab.txt"));
            File.WriteAllBytes(Path.Combine(directory.FullName, "model.safetensors"), File.ReadAllBytes(Path.Combine(installed, "model.safetensors"))[..length]);
            using var generator = new MiniLmEmbeddingGenerator(directory.FullName);

            var error = Assert.Throws<InvalidDataException>(generator.Load);

            Assert.Contains("model.safetensors", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{not json")]
    [InlineData("""{"embeddings.word_embeddings.weight":{"dtype":"I8","shape":[30522,384]}}""")]
    [InlineData("""{"embeddings.word_embeddings.weight":{"dtype":"I8","shape":[30522,384],"data_offsets":[0]}}""")]
    [InlineData("""{"embeddings.word_embeddings.weight":{"dtype":"I8","shape":[30522,384],"data_offsets":[-5,11720443]}}""")]
    [InlineData("""{"embeddings.word_embeddings.weight":{"dtype":"F16","shape":[30522,384],"data_offsets":[0,11720448]}}""")]
    public void Weights_with_a_header_of_something_else_are_called_damaged(string header)
    {
        var directory = Directory.CreateTempSubdirectory();
        try
        {
            File.Copy(Path.Combine(AppContext.BaseDirectory, "minilm", "vocab.txt"), Path.Combine(directory.FullName, "vocab.txt"));
            File.WriteAllBytes(
                Path.Combine(directory.FullName, "model.safetensors"),
                [.. BitConverter.GetBytes((ulong)header.Length), .. Encoding.UTF8.GetBytes(header), .. new byte[100]]);
            using var generator = new MiniLmEmbeddingGenerator(directory.FullName);

            var error = Assert.Throws<InvalidDataException>(generator.Load);

            Assert.Contains("model.safetensors", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_licence_is_beside_the_weights() =>
        Assert.Contains("Apache License", File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "minilm", "LICENSE")), StringComparison.Ordinal);
}
