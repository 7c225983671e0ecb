using Gateway.Embeddings.Inference;
using Gateway.Embeddings.Tokenization;

namespace Gateway.Embeddings;

/// <summary>A model in memory.</summary>
internal sealed record LoadedModel(WordPieceTokenizer Tokenizer, MiniLmEncoder Encoder)
{
    public static LoadedModel Load(string directory)
    {
        var vocabulary = Path.Combine(directory, ModelFiles.Vocabulary);
        var weights = Path.Combine(directory, ModelFiles.Weights);
        ModelFiles.Require(weights);
        var tokenizer = WordPieceTokenizer.Load(vocabulary);
        if (tokenizer.VocabularySize != EncoderShape.Vocabulary)
        {
            throw new InvalidDataException(
                $"The vocabulary '{vocabulary}' has {tokenizer.VocabularySize} pieces and the model {EncoderShape.Vocabulary}; restore the file from the release.");
        }

        return new LoadedModel(tokenizer, MiniLmEncoder.Load(weights));
    }
}
