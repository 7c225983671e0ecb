namespace Gateway.Embeddings.Inference;

/// <summary>The sizes of all-MiniLM-L6-v2.</summary>
internal static class EncoderShape
{
    public const int Layers = 6;
    public const int Width = 384;
    public const int Heads = 12;
    public const int HeadSize = Width / Heads;
    public const int FeedForward = 1536;
    public const int Positions = 512;
    public const int Vocabulary = 30_522;
}
