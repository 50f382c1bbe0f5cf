// The well-known trick, set up in the view alone, without a middleware:
//
//   class ResponseThen(Response):
//       def __init__(self, data, then_callback, **kwargs):
//           super().__init__(data, **kwargs)
//           self.then_callback = then_callback
//       def close(self):
//           super().close()
//           self.then_callback()
//
//   def some_view(request):
//       return ResponseThen(some_data, do_something_after, status=status.HTTP_200_OK)
//
// The difference: the callback is told how the response ended, and it may be async.
import { ResponseThen } from "response-then";

/** Answers an order at once and sends the mail after the answer. */
export function acceptOrder(order: { id: string }, sendMail: (id: string) => Promise<void>): Response {
  return ResponseThen.json({ accepted: order.id }, () => sendMail(order.id), { status: 202 });
}
