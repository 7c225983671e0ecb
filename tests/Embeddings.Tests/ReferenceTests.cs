using System.Numerics.Tensors;

namespace Gateway.Embeddings.Tests;

public sealed class ReferenceTests(Model model) : IClassFixture<Model>
{
    private const float Agreement = 0.9999f;

    [Fact]
    public void All_reference_texts_have_exactly_the_reference_tokens()
    {
        Assert.Equal(160, Reference.Lines.Count);
        Assert.All(
            Reference.Lines.Where(line => !line.NamesSpecialTokens),
            line => Assert.Equal(line.Tokens, model.Generator.Tokenizer.Tokenize(line.Text)));
    }

    [Fact]
    public void All_reference_texts_have_the_reference_vectors()
    {
        Assert.All(
            Reference.Lines.Where(line => !line.NamesSpecialTokens),
            line =>
            {
                var vector = model.Embed(line.Text);
                Assert.InRange(TensorPrimitives.CosineSimilarity(vector, line.Quantised), Agreement, 1.001f);
                Assert.InRange(TensorPrimitives.CosineSimilarity(vector, line.Original), 0.996f, 1.001f);
                Assert.InRange(TensorPrimitives.Norm(vector), 0.9999f, 1.0001f);
            });
    }

    [Fact]
    public void Reference_tokens_have_the_reference_vectors_special_tokens_included()
    {
        var vector = new float[MiniLmEmbeddingGenerator.Dimensions];
        Assert.All(
            Reference.Lines,
            line =>
            {
                model.Generator.Encoder.Encode(line.Tokens, [line.Tokens.Length], vector, TestContext.Current.CancellationToken);
                Assert.InRange(TensorPrimitives.CosineSimilarity(vector, line.Quantised), Agreement, 1.001f);
            });
    }

    [Fact]
    public async Task All_reference_texts_in_one_call_have_the_vectors_they_have_alone()
    {
        var lines = Reference.Lines;
        var batch = await model.Generator.GenerateAsync(lines.Select(line => line.Text), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(lines.Count, batch.Count);
        for (var i = 0; i < lines.Count; i++)
        {
            Assert.Equal(model.Embed(lines[i].Text), batch[i].Vector.ToArray());
            Assert.Equal(lines[i].Tokens.Length == 256, batch[i].AdditionalProperties is { } more && more.ContainsKey("truncated"));
        }

        var tokens = lines.Sum(line => (long)model.Generator.Tokenizer.Tokenize(line.Text).Length);
        Assert.Equal(tokens, batch.Usage?.InputTokenCount);
        Assert.Equal(tokens, batch.Usage?.TotalTokenCount);
    }

    [Fact]
    public void Paraphrases_are_closer_than_unrelated_questions()
    {
        var question = model.Embed("How do I reset my password?");
        var paraphrase = model.Embed("I forgot my password, how can I change it?");
        var unrelated = model.Embed("What is the capital of France?");

        Assert.InRange(TensorPrimitives.CosineSimilarity(question, paraphrase), 0.7f, 1f);
        Assert.InRange(TensorPrimitives.CosineSimilarity(question, unrelated), -0.2f, 0.3f);
    }
}
