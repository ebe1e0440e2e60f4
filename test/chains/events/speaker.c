#include "speaker.gen.h"

#include "../log.h"

void speaker_on_data_tcp(struct speaker_ctx *ctx, const struct data_tcp *m)
{
	static uint32_t total;
	struct said said = {.flow = m->flow, .mood = m->len > 3 ? MOOD_LOUD : MOOD_CALM};

	said.word.len =
	    mbx_text_copy(said.word.text, sizeof(said.word.text), (const char *)m->data, m->len);
	speaker_publish_said(ctx, &said);
	if (++total % 4 == 0)
		speaker_publish_counted(ctx, &(struct counted){.total = total});
}
