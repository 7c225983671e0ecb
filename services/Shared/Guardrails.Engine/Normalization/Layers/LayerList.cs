namespace Gateway.Guardrails.Engine.Normalization.Layers;

/// <summary>Collects layers within the bounds, with places in the outermost text.</summary>
internal sealed class LayerList
{
    private readonly int _start;
    private readonly int _length;
    private readonly int _depth;
    private readonly Room _room;

    public LayerList(int start, int length, int depth)
        : this(start, length, depth, [], new Room())
    {
    }

    private LayerList(int start, int length, int depth, List<DecodedLayer> layers, Room room)
    {
        (_start, _length, _depth, _room) = (start, length, depth, room);
        Layers = layers;
    }

    public List<DecodedLayer> Layers { get; }

    public bool IsFull => Layers.Count >= LayerReader.MaxLayers || _room.Left <= 0;

    /// <summary>The list for what lies inside a layer: its places are those of that layer.</summary>
    public LayerList Inside(DecodedLayer outer) => new(outer.Start, outer.Length, outer.Depth + 1, Layers, _room);

    public void Add(ReadOnlySpan<char> text, LayerKind kind, int start, int length)
    {
        if (IsFull || text.Trim().Length < LayerReader.MinText)
        {
            return;
        }

        text = text[..Math.Min(text.Length, _room.Left)];
        _room.Left -= text.Length;
        Layers.Add(_depth == 1
            ? new DecodedLayer(text.ToString(), kind, start, length, 1)
            : new DecodedLayer(text.ToString(), kind, _start, _length, _depth));
    }

    private sealed class Room
    {
        public int Left { get; set; } = LayerReader.MaxCharacters;
    }
}
